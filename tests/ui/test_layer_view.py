"""Inside the model: figures carry what was seen, stay small, and are drawn only while somebody looks."""

import base64
import json
import math
import os

import numpy as np
import pytest

from builder.data.templates import make_project
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.telemetry import TelemetryWriter
from builder.spec.templates import TEMPLATES
from builder.ui.layer_figures import latest_figure, layers_figure, quantiles, values_figure, whole_figure
from tests.ui.states import make_run
from tests.ui.test_pages import opened


def spread(low: float, high: float, counts=(1,) * 24) -> dict:
    return {"low": low, "high": high, "counts": list(counts)}


def layer(number: float, **figures) -> dict:
    found = {"grad_norm": number, "weight_norm": 4.0, "update_norm": number / 10, "dead": None}
    return found | {"weights": spread(-number, number), "updates": spread(0, 1)} | figures


def sample(step: int, layers: dict, **figures) -> dict:
    return {
        "step": step, "epoch": step / 10, "elapsed_s": step / 5, "lr": 0.01, "grad_norm": 1.0, "data_share": 0.25,
        "rows_per_s": 1500.0, "memory_bytes": 520_000_000, "cpu_share": 0.5, "device": None, "layers": layers,
    } | figures  # fmt: skip


def numbers(packed: dict) -> np.ndarray:
    found = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
    return found.reshape([int(size) for size in packed["shape"].split(",")]) if "shape" in packed else found


def test_each_layer_is_a_line_of_its_figures():
    samples = [sample(step, {"a": layer(step), "b": layer(2 * step)}) for step in (1, 2, 4)]
    (first, second), layout = layers_figure(samples, {"a": "a", "b": "b <i>"}, ("grad_norm",), "Gradient norm")
    assert numbers(first["x"]).tolist() == pytest.approx([0.1, 0.2, 0.4])
    assert numbers(first["y"]).tolist() == [1, 2, 4] and numbers(second["y"]).tolist() == [2, 4, 8]
    assert second["name"] == "b &lt;i&gt;" and layout["yaxis"]["type"] == "log"


def test_an_update_is_set_against_its_weights():
    ((line,), _) = layers_figure([sample(1, {"a": layer(2.0)})], {"a": "a"}, ("update_norm", "weight_norm"), "")
    assert numbers(line["y"]).tolist() == pytest.approx([0.05])


def test_what_a_log_scale_cannot_show_is_a_gap():
    samples = [sample(1, {"a": layer(0.0)}), sample(2, {"a": layer(3.0)}), sample(3, {"a": layer(math.nan)}), sample(4, {})]  # fmt: skip
    ((line,), _) = layers_figure(samples, {"a": "a"}, ("grad_norm",), "")
    assert np.isnan(numbers(line["y"])).tolist() == [True, False, True, True]


def test_many_layers_are_rows_of_colours():
    names = {f"linear_{number}": f"linear_{number}" for number in range(1, 13)}
    samples = [sample(step, {name: layer(10.0**-place) for place, name in enumerate(names)}) for step in (1, 2)]
    ((heatmap,), layout) = layers_figure(samples, names, ("grad_norm",), "Gradient norm")
    assert numbers(heatmap["z"])[:, 0].tolist() == pytest.approx([-place for place in range(12)])
    assert heatmap["colorbar"]["ticktext"][0] == "1.0e-11" and heatmap["colorbar"]["ticktext"][-1] == "1.0e+00"
    assert heatmap["y"][0] == "linear_1" and layout["yaxis"]["autorange"] == "reversed"


def test_dead_units_are_shares():
    samples = [sample(step, {"a": layer(1.0, dead=share)}) for step, share in ((1, 0.0), (2, 0.25))]
    ((line,), layout) = layers_figure(samples, {"a": "a"}, ("dead",), "Dead units", is_share=True)
    assert numbers(line["y"]).tolist() == [0, 0.25] and layout["yaxis"]["tickformat"] == ".0%"


def test_quantiles_are_those_of_the_values_to_within_a_bin():
    values = np.random.default_rng(0).normal(size=20_000)
    counts, edges = np.histogram(values, 24)
    shares = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
    (found,) = quantiles([spread(edges[0], edges[-1], counts)], shares)
    assert np.abs(found - np.quantile(values, shares)).max() < (edges[1] - edges[0]) / 2


def test_values_that_are_no_numbers_leave_a_gap_and_equal_ones_a_point():
    found = quantiles([spread(math.nan, math.nan, [0] * 24), spread(2.0, 2.0, [0] * 12 + [5] + [0] * 11)], (0.0, 1.0))
    assert np.isnan(found[0]).all() and found[1].tolist() == [2.0, 2.0]


def test_bands_go_from_the_lowest_to_the_highest_value():
    samples = [sample(step, {"a": layer(float(step))}) for step in (1, 2)]
    traces, _ = values_figure(samples, "a", "weights", "Weights")
    assert numbers(traces[0]["y"]).tolist() == [-1, -2] and numbers(traces[1]["y"]).tolist() == [1, 2]
    assert numbers(traces[-1]["y"]).tolist() == [0, 0] and traces[-1]["name"] == "median"
    (bars,), _ = latest_figure(samples[-1], "a", "weights", "Weights")
    assert numbers(bars["y"]).tolist() == [1] * 24 and bars["x"][0] == -2


@pytest.mark.parametrize("many", [8, 100])
def test_a_long_training_of_many_layers_is_sent_in_few_bytes(many):
    names = {f"layer_{number}": f"layer_{number}" for number in range(many)}
    samples = [sample(step, {name: layer(step % 7 + 1.0) for name in names}) for step in range(1, 1500)]
    layers = layers_figure(samples, names, ("grad_norm",), "Gradient norm")
    values = [values_figure(samples, "layer_0", name, "") for name in ("weights", "updates")]
    machine = [whole_figure(samples, {"rows": [1.0] * len(samples)}, {})] * 6
    assert all(len(json.dumps(figures)) < 45_000 for figures in (layers, values, machine))


@pytest.fixture
def project_id(strata_home, monkeypatch) -> str:
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    monkeypatch.setattr("builder.runs.launch._spawn_worker", os.getpid)  # nothing trains here
    return ProjectStore().create(make_project(TEMPLATES["iris"]))


def inside(project_id: str, run, tab: str = "Layers", **state):
    """The Train page with the panel open."""
    app = opened("train", project_id)
    for name, value in {"inside": True, "inside_tabs": tab, **state}.items():
        app.session_state[f"{name}_{run.id}"] = value
    return app.run()


def charts(app) -> list[dict]:
    return [json.loads(item.proto.json) for item in app.get("bidi_component")]


def write(run, *samples) -> None:
    with TelemetryWriter(RunFolder(run.folder)) as writer:
        for each in samples:
            writer.append(each)


def three_layers(step: int, **figures) -> dict:
    return sample(step, {f"linear_{number}": layer(number / step) for number in (1, 2, 3)}, **figures)


def test_nothing_is_read_or_drawn_while_the_panel_is_closed(project_id, monkeypatch):
    make_run(project_id, "finished", 2)
    monkeypatch.setattr("builder.ui.layer_view._reader", lambda *_: pytest.fail("it was read"))
    assert not opened("train", project_id).exception


@pytest.mark.parametrize(("status", "said"), [("running", "The first look inside comes"), ("finished", "an earlier version of Strata trained it")])  # fmt: skip
def test_before_the_first_look_the_panel_says_so(project_id, status, said):
    run = make_run(project_id, status, 1)
    app = inside(project_id, run)
    assert not app.exception and any(said in text.value for text in app.caption)


def test_the_open_tab_alone_is_drawn(project_id):
    run = make_run(project_id, "finished", 2)
    write(run, three_layers(5), three_layers(15))
    before = len(charts(opened("train", project_id)))
    app = inside(project_id, run)
    drawn = charts(app)
    assert not app.exception and len(drawn) == before + 1
    assert ["linear_1", "linear_2", "linear_3"] in [[trace["name"] for trace in chart["traces"]] for chart in drawn]
    assert len(charts(inside(project_id, run, "Weights and updates"))) == before + 4
    assert len(charts(inside(project_id, run, "Speed and machine"))) == before + 4


def test_a_model_without_rectifiers_has_no_dead_units_and_a_silent_layer_is_named(project_id):
    run = make_run(project_id, "finished", 2)
    write(run, three_layers(5), sample(15, {"linear_1": layer(0.0), "linear_2": layer(1.0)}))
    dead = inside(project_id, run, inside_measure="Dead units")
    assert any("No layer of this model has an activation that can die" in text.value for text in dead.caption)
    silent = inside(project_id, run, inside_measure="Gradient")
    assert any("cannot show: linear_1" in text.value.replace("\\", "") for text in silent.caption)


def test_the_machine_is_told_in_units_that_people_read(project_id):
    run = make_run(project_id, "finished", 2)
    write(
        run, three_layers(5), three_layers(15, memory_bytes=None, device={"memory_bytes": 2_100_000_000, "use": None})
    )
    app = inside(project_id, run, "Speed and machine")
    shown = {metric.label: metric.value for metric in app.metric}
    assert not app.exception
    assert shown["Throughput"] == "1,500 rows/s" and shown["Waiting for data"] == "25.0 %" and shown["Memory"] == "–"
    assert shown["Device memory"] == "2.1 GB" and shown["Device use"] == "–" and shown["Learning rate"] == "0.01"
