"""Reads arrays and texts from an HDF5 file that nobody vouches for: whatever points out of the file is refused."""

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from builder.errors import DataError

if TYPE_CHECKING:
    import h5py

LARGEST_RANK = 5


class Hdf5:
    """One open file; `name` is what messages call it."""

    def __init__(self, content: bytes, name: str):
        import h5py  # half a second: only who imports a Keras file pays for it

        self.name, self._left = name, len(content)
        try:
            self.root: h5py.Group = h5py.File(io.BytesIO(content), "r")
        except OSError:
            raise DataError(f"{name} is not an HDF5 file, or it is damaged. Save the model again.") from None

    def group(self, *path: str) -> "h5py.Group | None":
        """The group at this path; None if there is none."""
        import h5py

        place = self.root
        for part in path:
            place = self._child(place, part)
            if not isinstance(place, h5py.Group):
                return None
        return place

    def arrays(self, *path: str) -> list[np.ndarray]:
        """The arrays of a group whose members are called 0, 1, 2 …"""
        group = self.group(*path)
        names = sorted((name for name in group or () if name.isdigit()), key=int)
        return [self.array(group, name) for name in names]

    def array(self, group: "h5py.Group", path: str) -> np.ndarray:
        """Raises: DataError if it is no plain array of numbers that lies in this file."""
        import h5py

        place: Any = group
        for part in path.split("/"):
            place = self._child(place, part) if isinstance(place, h5py.Group) else None
        if not isinstance(place, h5py.Dataset):
            raise self._fault(f"has no weights at {path}")
        if place.external or place.is_virtual:
            raise DataError(f"{self.name} keeps {path} in another file, which is never opened. Save the model in one file.")  # fmt: skip
        if place.dtype.kind not in "fiu" or place.ndim > LARGEST_RANK:
            raise self._fault(f"holds {path} as something that is no array of numbers")
        if place.nbytes > place.id.get_storage_size():  # compressed, or not there at all: Keras writes neither
            raise self._fault(f"says that {path} is larger than what it holds")
        self._left -= place.nbytes
        if self._left < 0:  # the same array under many names
            raise self._fault("holds the same weights again and again")
        return place[()]

    def attribute(self, group: "h5py.Group", name: str) -> str | None:
        """A text attribute; None if there is none."""
        value = group.attrs.get(name)
        value = value.decode(errors="replace") if isinstance(value, bytes) else value
        return value if isinstance(value, str) else None

    def names(self, group: "h5py.Group", attribute: str) -> list[str]:
        """A list of texts in an attribute; long ones lie in several, numbered."""
        parts = [attribute] if attribute in group.attrs else []
        while f"{attribute}{len(parts)}" in group.attrs:
            parts.append(f"{attribute}{len(parts)}")
        found = [each for part in parts for each in np.asarray(group.attrs[part]).reshape(-1)]
        return [each.decode(errors="replace") if isinstance(each, bytes) else str(each) for each in found]

    def _child(self, group: "h5py.Group", name: str) -> "h5py.Group | h5py.Dataset | None":
        import h5py

        link = group.get(name, getlink=True) if name in group else None
        if link is not None and not isinstance(link, h5py.HardLink):
            raise DataError(f"{self.name} points out of itself at {name}, which is never followed. Save the model in one file.")  # fmt: skip
        return None if link is None else group[name]

    def _fault(self, what: str) -> DataError:
        return DataError(f"{self.name} {what}. Save the model again.")
