"""A messy table and an archive of images, each trained once for all tests of the commands."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.commands.shell import Shell
from tests.processes import kill_processes_of

HEADER = "Nr;Größe (m);Farbe;Notiz;Gewicht;Ergebnis"


@dataclass(frozen=True)
class Trained:
    shell: Shell
    run: dict
    """What `train --json` said."""


@pytest.fixture
def shell(strata_home: Path, tmp_path: Path) -> Shell:
    return Shell(strata_home, tmp_path)


def messy_lines(count: int, seed: int) -> list[str]:
    """Semicolons, decimal commas, quotes around semicolons and line breaks, gaps; small and red means yes."""
    random = np.random.default_rng(seed)
    lines = []
    for number in range(count):
        is_yes = bool(random.random() < 0.5)
        size = random.normal(1.2 if is_yes else 1.8, 0.15)
        color = random.choice(["rot", "hell;grün"], p=[0.9, 0.1] if is_yes else [0.1, 0.9])
        color = "" if random.random() < 0.1 else f'"{color}"'
        note = f'"sagt ""{number}"",\nmit Umbruch {random.random():.6f}"'
        weight = "" if random.random() < 0.1 else f"{random.normal(70, 9):.1f}".replace(".", ",")
        size_text = f"{size:.2f}".replace(".", ",")
        lines.append(f"K{1000 + number};{size_text};{color};{note};{weight};{'ja' if is_yes else 'nein'}")
    return lines


def square(is_bright: bool, random: np.random.Generator) -> Image.Image:
    """Of any size and mode; bright or dark with noise."""
    height, width = random.integers(12, 30, 2)
    pixels = np.clip(random.normal(200 if is_bright else 60, 20, (height, width)), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).convert(str(random.choice(["L", "RGB", "P", "RGBA"])))


def write_images(path: Path, count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            is_bright, content = number % 2 == 0, io.BytesIO()
            square(is_bright, random).save(content, "PNG")
            archive.writestr(f"bilder/{'hell' if is_bright else 'dunkel'}/{number}.png", content.getvalue())
        archive.writestr("bilder/hell/kaputt.png", b"no image")


@pytest.fixture(scope="session")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """A run on `messy.csv`."""
    folder = tmp_path_factory.mktemp("messy")
    shell = Shell(folder / "home", folder)
    (folder / "messy.csv").write_text("\n".join([HEADER, *messy_lines(160, 0)]) + "\n", encoding="utf-8")
    shell.done("new", "--data", "messy.csv", "--target", "Ergebnis", "-o", "project.json")
    shell.change("project.json", epochs=20)
    yield Trained(shell, json.loads(shell.done("train", "project.json", "--json").splitlines()[-1]))
    kill_processes_of(folder)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """A run on `bilder.zip`."""
    folder = tmp_path_factory.mktemp("pictures")
    shell = Shell(folder / "home", folder)
    write_images(folder / "bilder.zip", 60, 0)
    shell.done("new", "--data", "bilder.zip", "-o", "project.json")
    shell.change("project.json", epochs=8)
    yield Trained(shell, json.loads(shell.done("train", "project.json", "--json").splitlines()[-1]))
    kill_processes_of(folder)
