"""What `new --data` proposes for a file trains untouched, within 0.02 of the templates."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn import datasets

from builder import __main__ as command_line
from builder.spec.project import load_project
from tests.recipes.recipe import Recipe, assert_reaches, means_of_seeds

pytestmark = pytest.mark.recipe

MARGIN = 0.02
TABLES = (
    Recipe("iris", {"Accuracy": 0.93}),
    Recipe("wine", {"Accuracy": 0.95}),
    Recipe("breast_cancer", {"Accuracy": 0.95, "ROCAUC": 0.985}),
    Recipe("diabetes", {"R2": 0.40}),
    Recipe("digits", {"Accuracy": 0.96}),
)
IMAGES = Recipe("digits", {"Accuracy": 0.98})


@pytest.mark.parametrize("recipe", TABLES, ids=lambda recipe: recipe.name)
def test_a_csv_file_trains_well_untouched(recipe, tmp_path):
    path = tmp_path / f"{recipe.name}.csv"
    getattr(datasets, f"load_{recipe.name}")(as_frame=True).frame.to_csv(path, index=False)
    assert_reaches(_means_untouched(path, "--target", "target"), recipe.within(MARGIN))


def test_a_folder_of_images_trains_well_untouched(tmp_path):
    digits = datasets.load_digits()
    for number, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        folder = tmp_path / "digits" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.round(image * (255 / 16)).astype(np.uint8)).save(folder / f"{number}.png")
    assert_reaches(_means_untouched(tmp_path / "digits"), IMAGES.within(MARGIN))


def _means_untouched(data: Path, *words: str) -> dict[str, float]:
    project = data.parent / "project.json"
    assert command_line.main(["new", "--data", str(data), *words, "-o", str(project)]) == 0
    return means_of_seeds(load_project(project), project.parent)
