"""Trained and exported runs on awkward data, made once for all tests of the export."""

import csv
import os
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from builder.runs.folder import RunFolder
from tests.export.cases import CASES
from tests.trained import carry_in

TOWNS = ["Köln", 'say "hi"', "a;b,c", "<b>bold</b>", "  ", "東京", "O'Neill", "rare"]


@pytest.fixture(scope="session")
def awkward_table(tmp_path_factory) -> Path:
    """160 rows: gaps, categories in need of quotes, a rare one, booleans, dates, columns named like outputs and insides."""
    random, rows = np.random.default_rng(3), []
    for row in range(160):
        size, town, flag = (
            random.normal() * 1000,
            TOWNS[row % 4 if row % 40 else 5 + row // 40 % 3],
            random.random() < 0.5,
        )
        score = size / 500 + flag + (town == "Köln") + random.normal() / 4
        rows.append({
            "label": "" if row % 11 == 0 else f"{size:.3f}", "probabilities": "" if row % 13 == 0 else town,
            "strata/numbers": str(row % 7), "prediction": str(flag), "größe in \"cm\"; <i>": f"{random.normal():.5f}",
            "numbers": f"20{row % 20 + 10}-0{row % 9 + 1}-1{row % 10}", "ids": ["x", "y", "NA"][row % 3],
            "two": ["ja", "nein"][score > 0.5], "three": "low" if score < -1 else "mid" if score < 1.5 else "<high>", "amount": f"{1e4 + 300 * score:.2f}",
        })  # fmt: skip
    path = tmp_path_factory.mktemp("awkward") / "tabelle.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="session")
def mixed_images(tmp_path_factory) -> Path:
    """60 images of two kinds in several sizes and modes: a bright left half, or a bright right half."""
    random = np.random.default_rng(4)
    path = tmp_path_factory.mktemp("images") / "halves.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60):
            height, width = [(12, 10), (20, 31), (9, 14), (12, 10), (40, 8)][number % 5]
            pixels = random.integers(0, 90, (height, width, 3), np.uint8)
            half = slice(None, width // 2) if number % 2 else slice(width // 2, None)
            pixels[:, half] += 150
            image = Image.fromarray(pixels).convert(["RGB", "L", "RGBA", "P"][number % 4])
            content = BytesIO()
            image.save(content, "PNG")
            archive.writestr(f"{'left' if number % 2 else 'right'}/{number}.png", content.getvalue())
    return path


@pytest.fixture(scope="session")
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def exported_home(tmp_path_factory) -> Path:
    """One home for all, so that the data is prepared once. Its name must not be found in any file."""
    return tmp_path_factory.mktemp(f"home_of_{os.environ.get('USER', 'somebody')}")


@pytest.fixture(scope="session", params=CASES, ids=str)
def exported(request, exported_home, awkward_table, mixed_images, _one_thread) -> RunFolder:
    project = CASES[request.param](awkward_table, mixed_images)
    return carry_in(exported_home, project)
