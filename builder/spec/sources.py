"""Where data comes from."""

from typing import Annotated, Literal

from pydantic import Field

from builder.spec.base import Spec

SampleName = Literal["iris", "wine", "breast-cancer", "diabetes", "digits", "wide", "waves", "sequences"]


class SampleSource(Spec):
    """A data set that comes with Strata's libraries, or is made; needs no network."""

    kind: Literal["sample"] = "sample"
    name: SampleName


class FileSource(Spec):
    """A file or folder on the machine where the worker runs; a relative path starts at the project file."""

    kind: Literal["file"] = "file"
    path: str = Field(min_length=1, max_length=4096)


class UploadSource(Spec):
    """A file brought in through the browser and kept under `STRATA_HOME/uploads`."""

    kind: Literal["upload"] = "upload"
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str = Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f/]+$")


class DownloadSource(Spec):
    """A public data set fetched when the user asks for it."""

    kind: Literal["download"] = "download"
    name: Literal["mnist", "fashion-mnist"]


Source = Annotated[SampleSource | FileSource | UploadSource | DownloadSource, Field(discriminator="kind")]
