"""Every template that needs no network reaches its stated quality."""

import pytest

from builder.data.templates import make_project
from builder.spec.templates import TEMPLATES
from tests.recipes.recipe import Recipe, assert_reaches, means_of_seeds

pytestmark = pytest.mark.recipe

RECIPES = (
    Recipe("iris", {"Accuracy": 0.93}),
    Recipe("wine", {"Accuracy": 0.95}),
    Recipe("breast-cancer", {"Accuracy": 0.95, "ROCAUC": 0.985}),
    Recipe("diabetes", {"R2": 0.40}),
    Recipe("digits-mlp", {"Accuracy": 0.96}),
    Recipe("digits-cnn", {"Accuracy": 0.98}),
    Recipe("wide", {"Accuracy": 0.90}),  # always guessing the same of ten classes: 0.1
    Recipe("autoencoder", {"R2": 0.79}),  # scikit-learn's PCA with 8 components: 0.67
)

ARCHITECTURE_RECIPES = (
    Recipe("lenet", {"Accuracy": 0.95}),
    Recipe("vgg", {"Accuracy": 0.96}),
    Recipe("resnet", {"Accuracy": 0.96}),
    Recipe("unet", {"Accuracy": 0.95}),
    Recipe("mobilenet", {"Accuracy": 0.95}),
    Recipe("inception", {"Accuracy": 0.90}),
    Recipe("conv1d", {"Accuracy": 0.95}),
    Recipe("lstm", {"Accuracy": 0.90}),
    Recipe("gru", {"Accuracy": 0.92}),
    Recipe("transformer", {"Accuracy": 0.90}),
    Recipe("gpt", {"Accuracy": 0.90}),
)


def test_every_template_without_a_download_has_a_recipe():
    recipes = (*RECIPES, *ARCHITECTURE_RECIPES)
    assert {recipe.name for recipe in recipes} == {name for name, template in TEMPLATES.items() if template.sample}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_the_template_reaches_its_quality_and_its_onnx_file_stands_alone(recipe, tmp_path):
    assert_reaches(means_of_seeds(make_project(TEMPLATES[recipe.name]), tmp_path), recipe.bounds)


@pytest.mark.parametrize("recipe", ARCHITECTURE_RECIPES, ids=lambda recipe: recipe.name)
def test_the_architecture_reaches_its_quality_and_its_onnx_file_stands_alone(recipe, tmp_path):
    assert_reaches(means_of_seeds(make_project(TEMPLATES[recipe.name]), tmp_path, seeds=(0,)), recipe.bounds)
