"""From a messy table to answers for rows that nobody has seen, command by command."""

import csv
import json

import pytest

from tests.commands.conftest import HEADER, messy_lines
from tests.commands.shell import run_alone

ONNX_ALONE = """
import csv, json, sys
import numpy as np, onnxruntime
assert not any(name == "builder" or name.startswith("builder.") for name in sys.modules)
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
rows = list(csv.DictReader(open(sys.argv[2], encoding="utf-8", newline=""), delimiter=";"))
feed = {}
for given in session.get_inputs():
    cells = [row[given.name] for row in rows]
    if given.type == "tensor(string)":
        feed[given.name] = np.array(cells, dtype=object)[:, None]
    else:
        feed[given.name] = np.array([float(cell.replace(",", ".") or "nan") for cell in cells], np.float32)[:, None]
label, shares = session.run(["label", "probabilities"], feed)
print(json.dumps({"labels": label.tolist(), "probabilities": shares.tolist()}))
"""


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def new_rows(messy):
    """Rows with a colour never seen, with gaps, a column of no use and a formula; the target is not known."""
    path = messy.shell.folder / "neu.csv"
    lines = [line.rpartition(";")[0] for line in messy_lines(30, 1)]
    odd = ['K1;1,1;"=HYPERLINK(""http://x"")";"@text";;-5', "K2;;;-;80,5;=1+1", "K3;1,9;türkis;\t;60;7"]
    path.write_text(
        "\n".join([HEADER.replace("Ergebnis", "Extra"), *(f"{line};1" for line in lines), *odd]), encoding="utf-8"
    )
    return path


def test_new_says_what_it_found_and_check_lists_the_layers(messy):
    said = messy.shell.done("new", "--data", "messy.csv", "-o", "again.json")
    assert "Classification of 'Ergebnis' with 2 classes: ja, nein." in said
    assert "2 number" in said and "1 category" in said
    assert "Left out: Nr, Notiz." in said
    table = messy.shell.done("check", "project.json")
    assert "Linear 'linear_1'" in table and "all" in table and "error" not in table


def test_train_ends_with_one_line_of_json(messy):
    assert set(messy.run) == {"run", "status", "run_dir", "test"}
    assert messy.run["status"] == "finished"
    assert messy.run["test"]["Accuracy"] > 0.85  # two features tell the classes apart nearly always


def test_evaluate_prints_figures_beside_their_baseline(messy):
    report = json.loads(messy.shell.done("evaluate", messy.run["run"], "--json"))
    assert report["split"] == "test" and report["rows"] == 24
    printed = messy.shell.done("evaluate", messy.run["run"][:6])  # the beginning of an id is enough
    assert "Accuracy" in printed and "baseline" in printed and "nein" in printed


def test_evaluate_takes_other_rows(messy, new_rows):
    path = messy.shell.folder / "mehr.csv"
    path.write_text("\n".join([HEADER, *messy_lines(50, 2), "K;1,2;rot;x;70;"]), encoding="utf-8")
    report = json.loads(messy.shell.done("evaluate", messy.run["run"], "--data", path, "--json"))
    assert (report["split"], report["rows"]) == ("mehr.csv", 50)  # the row without a target does not count
    assert sum(map(sum, report["confusion"])) == 50
    said = messy.shell.refused("evaluate", messy.run["run"], "--data", new_rows)
    assert "neu.csv has no column 'Ergebnis'" in said
    path.write_text(f"{HEADER}\nK;1,2;rot;x;70;vielleicht\n", encoding="utf-8")
    said = messy.shell.refused("evaluate", messy.run["run"], "--data", path)
    assert "'vielleicht'" in said and "ja, nein" in said


def test_predict_keeps_the_rows_and_answers_as_the_onnx_file_does_alone(messy, new_rows):
    shell, run = messy.shell, messy.run["run"]
    certificate = json.loads(shell.done("export", run, "--onnx", "model.onnx", "--json"))
    assert certificate["passed"] and certificate["equal_labels"] == certificate["rows"] == 24
    assert certificate["largest_difference"] <= 1e-5
    assert shell.done("predict", run, "--data", new_rows, "-o", "answers.csv").startswith("Wrote 33 predictions")

    answers = read_csv(shell.folder / "answers.csv")
    assert list(answers[0]) == [
        *HEADER.split(";")[:-1], "Extra", "predicted Ergebnis", "probability of ja", "probability of nein",
    ]  # fmt: skip
    alone = run_alone(ONNX_ALONE, shell.folder, "model.onnx", new_rows)
    assert [row["predicted Ergebnis"] for row in answers] == alone["labels"]
    for row, shares in zip(answers, alone["probabilities"], strict=True):
        assert float(row["probability of ja"]) == pytest.approx(shares[0], abs=1e-5)


def test_predictions_hold_no_formulas(messy, new_rows):
    messy.shell.done("predict", messy.run["run"], "--data", new_rows, "-o", "safe.csv")
    first, second, third = read_csv(messy.shell.folder / "safe.csv")[-3:]
    assert first["Farbe"] == """'=HYPERLINK("http://x")""" and first["Notiz"] == "'@text"
    assert first["Extra"] == "-5"  # a number is no formula
    assert (second["Notiz"], second["Extra"]) == ("'-", "'=1+1")
    assert third["Notiz"].startswith("'\t") and third["Farbe"] == "türkis"


def test_predict_refuses_rows_without_a_feature_and_leaves_no_file(messy):
    (messy.shell.folder / "few.csv").write_text("Farbe;Nr\nrot;1\n", encoding="utf-8")
    said = messy.shell.refused("predict", messy.run["run"], "--data", "few.csv", "-o", "none.csv")
    assert "few.csv has no column 'Größe (m)', 'Gewicht'" in said
    (messy.shell.folder / "bad.csv").write_text(HEADER + "\nK;1,2;rot;x;70;ja\nK;groß;rot;x;70;ja\n", encoding="utf-8")
    said = messy.shell.refused("predict", messy.run["run"], "--data", "bad.csv", "-o", "none.csv")
    assert "bad.csv, line 3" in said and "'groß'" in said
    assert not (messy.shell.folder / "none.csv").exists()
    assert not list(messy.shell.folder.glob(".none*"))
