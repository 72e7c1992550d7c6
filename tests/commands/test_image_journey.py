"""From a zip of images to answers for further images, command by command."""

import csv
import json

import pytest

from tests.commands.conftest import write_images
from tests.commands.shell import run_alone

ONNX_ALONE = """
import io, json, sys, zipfile
import numpy as np, onnxruntime
from PIL import Image
assert not any(name == "builder" or name.startswith("builder.") for name in sys.modules)
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
answers = {}
with zipfile.ZipFile(sys.argv[2]) as archive:
    for name in archive.namelist():
        if "kaputt" not in name:
            pixels = np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L"))[None, :, :, None]
            label, shares = session.run(["label", "probabilities"], {"image": pixels})
            answers[name] = [label[0], *shares[0].tolist()]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def more(pictures):
    path = pictures.shell.folder / "mehr.zip"
    write_images(path, 20, 1)
    return path


def test_bright_and_dark_are_told_apart(pictures, more):
    assert pictures.run["status"] == "finished"
    report = json.loads(pictures.shell.done("evaluate", pictures.run["run"], "--data", more, "--json"))
    assert (report["split"], report["rows"], report["classes"]) == ("mehr.zip", 20, ["dunkel", "hell"])
    assert report["metrics"][0]["value"] >= 0.9


def test_images_in_folders_of_other_names_are_refused(pictures):
    folder = pictures.shell.folder / "fremd" / "grau"
    folder.mkdir(parents=True)
    with (pictures.shell.folder / "fremd" / "grau" / "1.png").open("wb") as file:
        from PIL import Image

        Image.new("L", (20, 20), 128).save(file, "PNG")
    said = pictures.shell.refused("evaluate", pictures.run["run"], "--data", "fremd")
    assert "'grau'" in said and "dunkel, hell" in said


def test_predict_names_each_file_and_answers_as_the_onnx_file_does_alone(pictures, more):
    shell, run = pictures.shell, pictures.run["run"]
    shell.done("predict", run, "--data", more, "-o", "answers.csv")
    shell.done("export", run, "--onnx", "model.onnx")
    with (shell.folder / "answers.csv").open(encoding="utf-8", newline="") as file:
        answers = {row["file"]: row for row in csv.DictReader(file)}
    unreadable = answers.pop("bilder/hell/kaputt.png")
    assert unreadable["predicted class"] == ""
    alone = run_alone(ONNX_ALONE, shell.folder, "model.onnx", more)
    assert answers.keys() == alone.keys()
    for name, (label, dark, bright) in alone.items():
        assert answers[name]["predicted class"] == label
        assert float(answers[name]["probability of dunkel"]) == pytest.approx(dark, abs=1e-5)
        assert float(answers[name]["probability of hell"]) == pytest.approx(bright, abs=1e-5)
