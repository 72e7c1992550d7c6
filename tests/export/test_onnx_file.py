"""Each exported file, run by onnxruntime on raw rows in a process without us, gives the answers seen on screen."""

import getpass
import json
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
import torch
from onnx import TensorProto
from PIL import Image

from builder.data.dataset import ImageDataset, prepare
from builder.evaluation.trained import load_trained
from builder.predict.predictor import Predictor
from builder.runs.folder import RunFolder
from tests.raw_onnx import run_onnx
from tests.trained import read_json

OUTPUTS = {"label", "probabilities", "prediction", "reconstruction", "error"}


def input_name(column: str) -> str:
    return f"{column}_input" if column in OUTPUTS else column


def raw_table(folder: RunFolder, rows) -> list[dict]:
    """The rows as read from the file by pandas alone: text as it stands, numbers as floats, dates as days."""
    project = folder.project
    frame = pd.read_csv(project.data.source.path, sep=";", dtype=str, keep_default_na=False).iloc[rows]
    feed = {}
    for column in project.data.features:
        cells = frame[column.name].tolist()
        if column.type == "number":
            cells = [float(cell) if cell else None for cell in cells]
        if column.type == "date":
            cells = [(pd.Timestamp(cell) - pd.Timestamp("1970-01-01")).days for cell in cells]
        feed[input_name(column.name)] = [[cell] for cell in cells]
    return [feed]


def raw_images(folder: RunFolder, rows) -> list[dict]:
    dataset = prepare(folder.project.data)
    return [{"image": [dataset.read(int(row)).tolist()]} for row in rows]


@pytest.fixture(scope="module")
def answers(exported, tmp_path_factory) -> dict:
    """What a stranger's process gives for the held-out rows, and the inputs it saw."""
    rows = pd.read_parquet(exported.predictions)["row"].tolist()
    raw = raw_images if exported.project.data.kind == "image" else raw_table
    return run_onnx(exported.onnx, raw(exported, rows), tmp_path_factory.mktemp("stranger"))


def test_raw_rows_give_the_answers_seen_on_screen(exported, answers):
    stored, given = pd.read_parquet(exported.predictions), answers["answers"]
    assert len(stored) >= 9
    if "error" in given:
        assert_given_back(exported, given, stored)
        return
    if "predicted" in stored and "label" not in given:
        seen = stored["predicted"].to_numpy()
        assert np.abs(np.array(given["prediction"])[:, 0] / seen - 1).max() <= 1e-5
        return
    classes = read_json(exported.facts)["classes"]
    assert given["label"] == stored["predicted"].tolist()
    shares = stored[[f"probability of {name}" for name in classes]].to_numpy()
    assert np.abs(np.array(given["probabilities"]) - shares).max() <= 1e-5


def assert_given_back(folder: RunFolder, given: dict, stored: pd.DataFrame) -> None:
    """Columns in their own units; images in grey levels, from which the error follows."""
    np.testing.assert_allclose(given["error"], stored["error"], rtol=1e-4)
    back, project = np.array(given["reconstruction"]), folder.project
    if project.data.kind == "table":
        names = [column.name for column in project.data.features]
        spread = prepare(project.data).rows.frame[names].std().to_numpy()
        assert (np.abs(back - stored[[f"reconstructed {name}" for name in names]]) <= 1e-5 * spread).all(axis=None)
        return
    dataset, fitted = prepare(project.data), read_json(folder.preprocessing)
    size = (project.data.width, project.data.height)
    small = [Image.fromarray(dataset.read(row)).resize(size, Image.Resampling.BILINEAR) for row in stored["row"]]
    missed = (back - np.stack([np.asarray(image, float) for image in small])) / fitted["std"]
    assert back.min() >= 0 and back.max() <= 255
    np.testing.assert_allclose(np.square(missed).mean((1, 2, 3)), stored["error"], atol=0.02)  # pixels were rounded


def test_inputs_and_outputs_are_those_of_the_issue(exported, answers):
    data, model = exported.project.data, onnx.load(exported.onnx)
    outputs = {value.name: (value.type.tensor_type.elem_type, dims(value)) for value in model.graph.output}
    if data.kind == "image":
        assert answers["inputs"] == [["image", "tensor(uint8)", ["batch", "height", "width", data.channels]]]
    else:
        kinds = {"number": "tensor(float)", "date": "tensor(float)"}
        assert answers["inputs"] == [
            [input_name(column.name), kinds.get(column.type, "tensor(string)"), ["batch", 1]] for column in data.features
        ]  # fmt: skip
    classes = len(read_json(exported.facts)["classes"])
    assert outputs == {
        "classification": {"label": (TensorProto.STRING, ["batch"]), "probabilities": (TensorProto.FLOAT, ["batch", classes])},
        "regression": {"prediction": (TensorProto.FLOAT, ["batch", 1])},
        "reconstruction": {"reconstruction": (TensorProto.FLOAT, ["batch", *given_size(data)]), "error": (TensorProto.FLOAT, ["batch"])},
    }[data.task]  # fmt: skip


def given_size(data) -> list[int]:
    return [len(data.features)] if data.kind == "table" else [data.height, data.width, data.channels]


def dims(value) -> list:
    return [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]


def test_the_file_passes_the_full_check_of_onnx(exported):
    model = onnx.load(exported.onnx)
    onnx.checker.check_model(model, full_check=True)
    assert {opset.domain: opset.version for opset in model.opset_import}[""] == 20


def test_the_file_names_neither_place_nor_user(exported, exported_home):
    content = exported.onnx.read_bytes()
    data = Path(exported.project.data.source.path)
    private = [
        exported_home,
        data,
        data.parent,
        Path(__file__).parents[2],
        Path.home() / "x",
        ".py",
        exported.path.name,
    ]
    assert not [text for text in map(str, private) if text.encode() in content]
    assert f"/{getpass.getuser()}".encode() not in content


def test_the_file_says_what_it_is(exported):
    model = onnx.load(exported.onnx)
    about = {item.key.removeprefix("strata."): item.value for item in model.metadata_props}
    project, report, facts = exported.project, read_json(exported.evaluation), read_json(exported.facts)
    assert (about["name"], about["task"], about["target"]) == (project.name, facts["task"], facts["target"])
    assert json.loads(about["classes"]) == facts["classes"] and set(json.loads(about["versions"])) == {"strata", "torch", "onnx", "onnxruntime"}  # fmt: skip
    assert json.loads(about["test_metrics"]) == {metric["kind"]: metric["value"] for metric in report["metrics"]}
    if project.data.kind == "table":
        assert about["license"] == "CC0-1.0"
        assert json.loads(about["columns"]) == {column.name: column.type for column in project.data.features}
    stored = json.loads(about["certificate"])
    assert stored["passed"] and stored["rows"] == len(pd.read_parquet(exported.predictions))


def sizes_of_test_rows(exported):
    """For each test row, what must be equal to go into one batch with others."""
    dataset = prepare(exported.project.data)
    if exported.project.data.kind == "table":
        return [0] * len(dataset.split.test)
    return [hash(dataset.read(row).shape) for row in dataset.split.test]


def test_the_certificate_says_what_was_proven(exported):
    certificate = read_json(exported.certificate)
    rows = len(pd.read_parquet(exported.predictions))
    together = max(np.unique(sizes_of_test_rows(exported), return_counts=True)[1])  # images go with those of their size
    assert certificate["passed"] and certificate["rows"] == rows
    assert certificate["batch_sizes"] == sorted({min(size, together) for size in (1, 7, 64)})
    assert certificate["equal_labels"] in (rows, None) and 0 <= certificate["largest_difference"] <= 1e-5
    assert (
        list(certificate["latency_ms"]) == [str(size) for size in certificate["batch_sizes"]]
        and min(certificate["latency_ms"].values()) > 0
    )
    assert certificate["file_size_bytes"] == exported.onnx.stat().st_size


def test_the_example_is_the_first_held_out_row_and_stays_out_of_the_file(exported):
    example = read_json(exported.certificate)["example"]
    about = {entry.key: entry.value for entry in onnx.load(exported.onnx).metadata_props}
    assert "example" not in json.loads(about["strata.certificate"])
    if exported.project.data.kind == "image":
        assert example == {}
        return
    (raw,) = raw_table(exported, [pd.read_parquet(exported.predictions)["row"][0]])
    assert example.keys() == raw.keys()
    for name, ((cell,),) in raw.items():
        if isinstance(cell, int | float):
            assert np.float32(example[name]) == np.float32(cell)
        else:  # what counts as missing is fed as such
            assert example[name] == cell or (
                not example[name] and (cell or "") in exported.project.data.reading.missing
            )


def test_what_training_never_met_is_answered_as_torch_answers_them(exported, tmp_path):
    data, trained = exported.project.data, load_trained(exported)
    if data.kind == "image":
        image = np.random.default_rng(0).integers(0, 256, (1, 37, 5, data.channels), np.uint8)  # of a size never seen
        given = run_onnx(exported.onnx, [{"image": image.tolist()}], tmp_path)["answers"]
        expected = trained.answer(torch.from_numpy(image))
        np.testing.assert_allclose(
            given.get("probabilities", given.get("reconstruction")), expected, rtol=1e-5, atol=1e-5
        )
        return
    dataset = prepare(data)
    frame = dataset.rows.frame.iloc[:4].copy()
    feed = {}
    for column in data.features:
        if column.type in ("number", "date"):
            cells = [None, 1e6, -3.25, None]
            frame[column.name] = [np.nan if cell is None else cell for cell in cells]
        else:
            cells = ["", "never seen <&> ü", "NA", "Köln"]
            frame[column.name] = pd.Series([None, cells[1], None, "Köln"], index=frame.index, dtype=object)
        feed[input_name(column.name)] = [[cell] for cell in cells]
    dataset.rows.__dict__["frame"] = frame
    expected = trained.answer_rows(dataset, [0, 1, 2, 3]).numpy()
    given = run_onnx(exported.onnx, [feed], tmp_path)["answers"]
    values = next(given[name] for name in ("probabilities", "prediction", "reconstruction") if name in given)
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-5)


def test_the_predictor_gives_onnxruntimes_answers(exported, answers):
    predictor, given = Predictor(exported.onnx), answers["answers"]
    dataset, rows = prepare(exported.project.data), pd.read_parquet(exported.predictions)["row"].tolist()
    if isinstance(dataset, ImageDataset):
        ours = [predictor.predict_image(dataset.read(row)) for row in rows]
    else:
        columns = [column.name for column in exported.project.data.features]
        ours = predictor.predict_table(dataset.rows.frame.iloc[rows][columns].to_dict("records"))
    if "label" in given:
        assert [answer.label for answer in ours] == given["label"]
        shares = [list(answer.probabilities.values()) for answer in ours]
        np.testing.assert_allclose(shares, given["probabilities"], atol=1e-6)
        assert list(ours[0].probabilities) == read_json(exported.facts)["classes"]
    elif "error" in given:
        assert [answer.error for answer in ours] == pytest.approx(given["error"], rel=1e-4)
        back = [answer.reconstruction for answer in ours]
        values = [list(row.values()) if isinstance(row, dict) else row for row in back]
        np.testing.assert_allclose(values, given["reconstruction"], rtol=1e-5, atol=1e-3)
        assert all(not isinstance(row, dict) or list(row) == columns for row in back)
    else:
        np.testing.assert_allclose([answer.value for answer in ours], np.array(given["prediction"])[:, 0], rtol=1e-6)
