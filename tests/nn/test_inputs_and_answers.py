"""Preprocessing as modules equals scikit-learn and Pillow; answers are probabilities or the target's own unit."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from builder.catalogue.losses import PoissonNLL
from builder.data.preprocessing import TablePreprocessing, fit_table
from builder.nn.answers import (
    ImageReconstruction,
    MeanAnswer,
    SigmoidAnswer,
    SoftmaxAnswer,
    TableReconstruction,
    ValueAnswer,
    squared_errors,
)
from builder.nn.fitting import ImagePreprocessing, build_input, fit_images
from builder.nn.graph import build
from builder.nn.inputs import ImageInput, TableInput
from builder.nn.whole import answer_call
from builder.spec.data import Column
from builder.spec.sources import SampleSource
from builder.training.examples import scaled_targets
from tests.projects import image_data, table_data

FRAME = pd.DataFrame({
    "age": [20.0, np.nan, 40.0, 55.0, 31.0, np.nan, 18.0, 64.0],
    "height": [1.6, 1.7, 1.8, np.nan, 1.9, 1.65, 1.75, 2.0],
    "town": pd.Series(["Ulm", "Köln", None, "Köln", "Ulm", "Bonn", "Trier", None], dtype=object),
    "species": ["a", "b", "a", "b", "a", "b", "a", "b"],
})  # fmt: skip
TRAIN = np.array([0, 1, 2, 3, 4])


def columns(impute: str, scale: str, number_impute: str) -> tuple[Column, ...]:
    return (
        Column(name="age", type="number", impute=number_impute, scale=scale),
        Column(name="height", type="number", impute=number_impute, scale=scale),
        Column(name="town", type="category", impute=impute),
        Column(name="species", type="category", role="target"),
    )


@pytest.mark.parametrize("strategy", ["median", "mean"])
@pytest.mark.parametrize(("scale", "scaler"), [("standard", StandardScaler), ("minmax", MinMaxScaler)])
def test_a_table_input_is_the_scikit_learn_pipeline(strategy, scale, scaler):
    data = table_data(columns=columns("most_frequent", scale, strategy))
    fitted = fit_table(data, FRAME, TRAIN)
    numbers, ids = fitted.encode(FRAME)
    ours = build_input(fitted)(torch.from_numpy(numbers), torch.from_numpy(ids)).numpy()
    town = make_pipeline(SimpleImputer(strategy="most_frequent", missing_values=None), OneHotEncoder(handle_unknown="ignore", sparse_output=False))  # fmt: skip
    theirs = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(strategy=strategy), scaler()), ["age", "height"]), ("town", town, ["town"]),
    ])  # fmt: skip
    theirs.fit(FRAME.iloc[TRAIN])
    np.testing.assert_allclose(ours, theirs.transform(FRAME).astype(np.float32), atol=1e-6)


def test_a_missing_category_of_its_own_has_its_own_input():
    fitted = fit_table(table_data(columns=columns("own_category", "none", "zero")), FRAME, TRAIN)
    numbers, ids = fitted.encode(FRAME)
    ours = build_input(fitted)(torch.from_numpy(numbers), torch.from_numpy(ids)).numpy()
    assert ours[2, 2:].tolist() == [0, 0, 1] and ours[6, 2:].tolist() == [0, 0, 0]
    assert ours[1, 0] == 0 and ours[0, 0] == 20


@pytest.mark.parametrize("color", ["RGB", "L"])
@pytest.mark.parametrize("size", [(9, 31), (40, 12), (12, 10), (100, 77), (3, 3), (1, 1)])
def test_resizing_is_pillows_within_one_grey_level(size, color):
    channels = 3 if color == "RGB" else 1
    image = np.random.default_rng(0).integers(0, 256, (*size, channels), np.uint8)
    resize = ImageInput(height=12, width=10, mean=[0.0] * channels, std=[1.0] * channels).resize
    ours = resize(torch.from_numpy(image)[None])[0].permute(1, 2, 0).numpy()
    theirs = Image.fromarray(image if channels == 3 else image[:, :, 0]).resize((10, 12), Image.Resampling.BILINEAR)
    assert np.abs(ours - np.asarray(theirs, np.float32).reshape(12, 10, channels)).max() <= 1


@pytest.mark.parametrize(("normalization", "low", "high"), [("unit", 0, 1), ("signed", -1, 1)])
def test_black_and_white_are_the_ends_of_the_range(normalization, low, high):
    data = image_data(SampleSource(name="digits"), normalization=normalization)
    module = build_input(fit_images(data, torch.zeros(2, 3, 12, 10), ("a", "b")))
    pixels = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 12, 10, 3)
    assert module(pixels)[:, 0, 0, 0].tolist() == pytest.approx([low, high])


def test_standard_normalization_gives_each_channel_mean_zero_and_variance_one():
    pixels = torch.from_numpy(np.random.default_rng(0).normal([30, 90, 200], [5, 20, 9], (50, 12, 10, 3)).clip(0, 255))
    pixels = pixels.round().to(torch.uint8)
    fitted = fit_images(image_data(SampleSource(name="digits")), pixels.permute(0, 3, 1, 2), ("a", "b"))
    np.testing.assert_allclose(fitted.mean, pixels.numpy().mean((0, 1, 2)), rtol=1e-9)
    x = build_input(fitted)(pixels).double()
    np.testing.assert_allclose(x.mean((0, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(x.std((0, 2, 3)), 1, atol=1e-6)


def test_a_channel_of_one_colour_is_not_divided_by_zero():
    fitted = fit_images(image_data(SampleSource(name="digits")), torch.full((4, 3, 12, 10), 7.0), ("a", "b"))
    assert isinstance(fitted, ImagePreprocessing) and fitted.std == (1.0, 1.0, 1.0)


def test_one_logit_becomes_the_probabilities_of_two_classes():
    answer = SigmoidAnswer()(torch.tensor([[0.0], [2.0], [-100.0]]))
    np.testing.assert_allclose(answer, [[0.5, 0.5], [1 / (1 + np.exp(2)), 1 / (1 + np.exp(-2))], [1, 0]], atol=1e-6)


def test_logits_become_probabilities_and_log_probabilities_too():
    logits = torch.tensor([[1.0, 2.0, 3.0]])
    expected = np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum()
    np.testing.assert_allclose(SoftmaxAnswer()(logits)[0], expected, rtol=1e-6)
    np.testing.assert_allclose(SoftmaxAnswer()(torch.log_softmax(logits, 1))[0], expected, rtol=1e-6)


def test_values_are_in_the_targets_own_unit():
    assert ValueAnswer(shift=150.0, scale=70.0)(torch.tensor([[0.0], [1.0]])).tolist() == [[150.0], [220.0]]


@pytest.mark.parametrize("size", [1e-36, 3e-9, 1.0, 7e8, 1e36])
def test_numbers_of_any_size_are_standardised_to_the_last_digit(size):
    random = np.random.default_rng(0)
    values = size * (random.normal(size=50) + 2)
    shift, scale = values.mean(), values.std()
    module = TableInput(fill=[0.0], shift=[shift], scale=[scale], tables=[])
    given = module(torch.tensor(values[:, None], dtype=torch.float32), torch.zeros(50, 0, dtype=torch.long))
    np.testing.assert_allclose(given[:, 0], (values - shift) / scale, rtol=1e-5, atol=1e-6)
    back = ValueAnswer(shift=shift, scale=scale)(given)
    np.testing.assert_allclose(back[:, 0].double(), values, rtol=1e-5)


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
def test_columns_given_back_are_in_their_own_units(scaler):
    values = np.random.default_rng(0).normal([0, 3e8, -2e-9, 5], [1, 1e7, 3e-10, 0], (50, 4))
    theirs = scaler().fit(values)
    lows = {"shift": theirs.mean_, "scale": theirs.scale_} if scaler is StandardScaler else {"shift": theirs.data_min_, "scale": theirs.data_range_}  # fmt: skip
    module = TableReconstruction(lows["shift"].tolist(), np.where(lows["scale"] == 0, 1.0, lows["scale"]).tolist())
    given = torch.tensor(theirs.transform(values), dtype=torch.float32)
    spread = np.maximum(values.std(0), np.abs(values).max(0) * 1e-6)
    assert (np.abs(module(given).double().numpy() - values) <= 1e-5 * spread).all()


def test_an_image_given_back_whole_is_the_image():
    image = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (3, 12, 10, 3), np.uint8))
    scaling = {"mean": (30.0, 90.0, 200.0), "std": (5.0, 20.0, 9.0)}
    given = ImageInput(height=12, width=10, **scaling)(image)
    np.testing.assert_allclose(ImageReconstruction(**scaling)(given), image, atol=1e-4)
    beyond = ImageReconstruction(**scaling)(given + torch.tensor([100.0, -100.0, 100.0]).view(1, 3, 1, 1))
    assert beyond.min() == 0 and beyond.max() == 255


def test_the_error_of_a_row_is_its_mean_squared_miss():
    given, inputs = torch.randn(6, 2, 3, 4), torch.randn(6, 2, 3, 4)
    expected = [np.square(a - b).mean() for a, b in zip(given.numpy(), inputs.numpy(), strict=True)]
    np.testing.assert_allclose(squared_errors(given, inputs), expected, rtol=1e-5)


def test_the_answer_of_a_mean_and_a_variance_is_the_mean_in_its_own_unit():
    assert MeanAnswer(shift=2.0, scale=3.0)(torch.tensor([[1.0, 9.0], [-1.0, 0.5]])).tolist() == [[5.0], [-1.0]]


def test_counts_are_divided_by_their_mean_and_rates_multiplied_by_it():
    fitted = TablePreprocessing(numbers=(), categories=(), width=1, classes=(), target_shift=4.0, target_scale=9.0)
    assert scaled_targets(np.array([8.0, 0.0]), fitted, PoissonNLL()).tolist() == [[2.0], [0.0]]
    answer = build(answer_call(PoissonNLL(), fitted, "regression"))
    assert answer(torch.tensor([[math.log(2.0)]])).item() == pytest.approx(8.0)
