"""What a project says about its data: source, columns or images, preprocessing and split."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from builder.catalogue.augmentations import AnyAugmentation
from builder.spec.base import Spec
from builder.spec.sources import Source

ColumnType = Literal["number", "category", "boolean", "date", "text", "identifier"]
Role = Literal["feature", "target", "ignored"]
FEATURE_TYPES: tuple[ColumnType, ...] = ("number", "category", "boolean", "date")
NUMERIC_TYPES: tuple[ColumnType, ...] = ("number", "date")

DEFAULT_MISSING = ("", "NA", "N/A", "n/a", "nan", "NaN", "null", "NULL", "None", "?", "-")


class Column(Spec):
    """One column of a table and what becomes of it before the first layer."""

    name: str = Field(min_length=1, max_length=1000, title="Name", description="As in the file's header.")
    type: ColumnType = Field(title="Type", description="How the values are read.")
    role: Role = Field("feature", title="Role", description="Feature, target, or left out.")
    impute: Literal["median", "mean", "zero", "most_frequent", "own_category"] = Field(
        "median", title="Missing values",
        description="What stands in for a missing value; fitted on the training split. "
        "Numbers: median, mean or zero. Categories: the most frequent one, or a category of its own.",
    )  # fmt: skip
    scale: Literal["standard", "minmax", "none"] = Field(
        "standard", title="Scaling",
        description="Numbers: to mean 0 and variance 1, to the range 0 to 1, or as they are; fitted on the training split.",
    )  # fmt: skip
    encoding: Literal["onehot", "ordinal"] = Field(
        "onehot", title="Encoding", description="Categories: one input for each, or one number by their order."
    )
    order: tuple[str, ...] = Field(
        (), max_length=10_000, title="Order", description="Categories from low to high for the ordinal encoding; empty means sorted."
    )  # fmt: skip

    @model_validator(mode="after")
    def _impute_fits_the_type(self) -> "Column":
        for_numbers = self.impute in ("median", "mean", "zero")
        if self.role == "feature" and self.type in FEATURE_TYPES and for_numbers != (self.type in NUMERIC_TYPES):
            allowed = "median, mean or zero" if self.type in NUMERIC_TYPES else "most_frequent or own_category"
            raise ValueError(f"impute of {self.type} column '{self.name}' must be {allowed}; got {self.impute}")
        return self


class Split(Spec):
    """How rows are dealt to training, validation and test; the same seed gives the same split."""

    train: float = Field(0.7, gt=0, lt=1, title="Training", description="Share of rows to learn from.")
    validation: float = Field(
        0.15, gt=0, lt=1, title="Validation", description="Share of rows to choose the best epoch by."
    )
    test: float = Field(0.15, gt=0, lt=1, title="Test", description="Share of rows kept aside for the final figures.")
    stratify: bool = Field(True, title="Keep class shares", description="Every part gets each class in the same share.")
    seed: int = Field(0, ge=0, lt=2**31, title="Seed", description="Another number deals the rows differently.")

    @model_validator(mode="after")
    def _parts_make_a_whole(self) -> "Split":
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train + validation + test must be 1; got {total:g}")
        return self


class TableReading(Spec):
    """How the file is read; an empty field is found from the file itself."""

    delimiter: str | None = Field(None, min_length=1, max_length=1, title="Delimiter", description="Between values.")
    encoding: str | None = Field(None, max_length=40, title="Encoding", description="Of the file's letters.")
    header: bool | None = Field(None, title="Header", description="Whether the first line holds the column names.")
    sheet: str | None = Field(None, max_length=100, title="Sheet", description="Of an Excel file; empty is the first.")
    missing: tuple[str, ...] = Field(
        DEFAULT_MISSING, max_length=100, title="Missing marks", description="Texts that mean: no value."
    )


class TableData(Spec):
    """A table with one row for each example."""

    kind: Literal["table"] = "table"
    source: Source
    reading: TableReading = TableReading()
    columns: tuple[Column, ...] = Field(min_length=1, max_length=20_000)
    task: Literal["classification", "regression", "reconstruction"] = Field(
        title="Task",
        description="Classes or a number in the target column; or reconstruction, which gives back the features themselves.",
    )
    positive: str | None = Field(
        None, title="Positive class", description="Of two classes, the one that precision, recall and ROC ask about; empty is the last."
    )  # fmt: skip
    split: Split = Split()
    license: str = Field("", max_length=500, title="Licence", description="Of the data; written into the ONNX file.")

    @field_validator("columns")
    @classmethod
    def _names_differ(cls, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        names = [column.name for column in columns]
        twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        if twice:
            raise ValueError(f"column names must differ; '{twice[0]}' stands there twice")
        return columns

    @model_validator(mode="after")
    def _one_target_and_a_feature(self) -> "TableData":
        targets = [column.name for column in self.columns if column.role == "target"]
        if len(targets) > 1 or (not targets and self.task != "reconstruction"):
            raise ValueError(f"exactly one column must have the role target; got {len(targets)}")
        for column in self.features:
            if column.type not in FEATURE_TYPES:
                raise ValueError(
                    f"column '{column.name}' is {column.type} and cannot be a feature; set its role to ignored, or its type to category"
                )
        return self

    @property
    def target(self) -> Column | None:
        """Only a reconstruction may have none; it leaves one that is there out."""
        return next((column for column in self.columns if column.role == "target"), None)

    @property
    def features(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.role == "feature")


class ImageData(Spec):
    """Images with one class each: a zip or folder with a subfolder for each class, or files in MNIST's IDX format."""

    kind: Literal["image"] = "image"
    source: Source
    task: Literal["classification", "reconstruction"] = Field(
        "classification", title="Task", description="The class of each image; or reconstruction, which gives back the image itself."
    )  # fmt: skip
    height: int = Field(28, ge=8, le=512, title="Height", description="Every image is resized to it.", json_schema_extra={"unit": "pixels"})  # fmt: skip
    width: int = Field(28, ge=8, le=512, title="Width", description="Every image is resized to it.", json_schema_extra={"unit": "pixels"})  # fmt: skip
    color: Literal["rgb", "grayscale"] = Field("rgb", title="Colour", description="Three channels or one.")
    normalization: Literal["standard", "unit", "signed"] = Field(
        "standard", title="Normalisation",
        description="To mean 0 and variance 1 of the training images for each channel, to 0…1, or to -1…1.",
    )  # fmt: skip
    augmentations: tuple[AnyAugmentation, ...] = Field((), max_length=20)
    positive: str | None = Field(None, title="Positive class", description="Of two classes, the one asked about; empty is the last.")  # fmt: skip
    split: Split = Split()
    keep_given_test: bool = Field(
        True, title="Keep the given test set", description="If the source brings a test set of its own, it stays the test split."
    )  # fmt: skip
    license: str = Field("", max_length=500, title="Licence", description="Of the data; written into the ONNX file.")

    @property
    def channels(self) -> int:
        return 3 if self.color == "rgb" else 1


DataSpec = Annotated[TableData | ImageData, Field(discriminator="kind")]
