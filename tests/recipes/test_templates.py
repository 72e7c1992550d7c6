"""Every template that needs no network reaches its stated quality."""

import pytest

from builder.data.templates import make_project
from builder.spec.templates import TEMPLATES
from tests.recipes.recipe import Recipe, assert_reaches, means_of_three_seeds

pytestmark = pytest.mark.recipe

RECIPES = (
    Recipe("iris", {"Accuracy": 0.93}),
    Recipe("wine", {"Accuracy": 0.95}),
    Recipe("breast-cancer", {"Accuracy": 0.95, "ROCAUC": 0.985}),
    Recipe("diabetes", {"R2": 0.40}),
    Recipe("digits-mlp", {"Accuracy": 0.96}),
    Recipe("digits-cnn", {"Accuracy": 0.98}),
    Recipe("wide", {"Accuracy": 0.90}),  # always guessing the same of ten classes: 0.1
)


def test_every_template_without_a_download_has_a_recipe():
    assert {recipe.name for recipe in RECIPES} == {name for name, template in TEMPLATES.items() if template.sample}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_the_template_reaches_its_quality_and_its_onnx_file_stands_alone(recipe, tmp_path):
    assert_reaches(means_of_three_seeds(make_project(TEMPLATES[recipe.name]), tmp_path), recipe.bounds)
