"""The built canvas belongs to its source, names the licences of what it contains, and nothing of where it was built."""

import hashlib
import json
import re
from pathlib import Path

import pytest

CANVAS = Path(__file__).parents[3] / "builder" / "ui" / "canvas"
SOURCE, BUILT = CANVAS / "source", CANVAS / "built"
OWN = ("package.json", "package-lock.json", "vite.config.js")


def seal_of_source() -> str:
    """As vite.config.js counts it: name and content of every file, in the order of the names."""
    inside = (path.relative_to(SOURCE).as_posix() for path in (SOURCE / "src").rglob("*") if path.is_file())
    sealed = hashlib.sha256()
    for name in sorted([*OWN, *inside]):
        sealed.update(f"{name}\n".encode())
        sealed.update((SOURCE / name).read_bytes())
    return sealed.hexdigest()


def test_the_built_asset_was_made_from_this_source():
    first_line = (BUILT / "canvas.js").read_text(encoding="utf-8").partition("\n")[0]
    assert re.search(r"source ([0-9a-f]{64})", first_line)[1] == seal_of_source(), "run make canvas"


def test_every_bundled_library_has_its_licence_beside_the_asset():
    packages = json.loads((SOURCE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    bundled = [
        path.removeprefix("node_modules/") for path, about in packages.items()
        if path and not about.get("dev") and "@types/" not in path
    ]  # fmt: skip
    licences = (BUILT / "LICENSES.txt").read_text(encoding="utf-8")
    assert {"react", "react-dom", "@xyflow/react", "d3-zoom"} <= set(bundled)
    for name in bundled:
        version = packages[f"node_modules/{name}"]["version"]
        assert f"\n{name} {version} (" in f"\n{licences}"
    assert licences.count("Permission") >= len(bundled) - 1, "the texts themselves, not their names alone"


@pytest.mark.parametrize(
    "path", [SOURCE / "package-lock.json", SOURCE / "package.json", BUILT / "canvas.js"], ids=lambda path: path.name
)
def test_no_place_of_the_build_is_named(path):
    text = path.read_text(encoding="utf-8")
    assert "registry." not in text
    assert "resolved" not in text or path.name == "canvas.js"
    assert not re.search(r"/(home|root|tmp|work|Users)/\w", text)


def test_no_markup_is_ever_made_from_text():
    for path in (SOURCE / "src").rglob("*.js*"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|dangerously", path.read_text(encoding="utf-8")), (
            path
        )
