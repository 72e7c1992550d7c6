"""Charts of a run, its marks and the runs it is compared with, as the Train page draws them."""

import json
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from builder.runs.changes import Change, record
from builder.runs.events import STEP
from builder.runs.folder import RunFolder
from builder.runs.origin import Origin, write_origin
from builder.runs.projects import ProjectStore
from builder.runs.resumes import note_resume
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.ui.chart_marks import Mark, with_marks
from tests.ui.test_pages import opened, project_id  # noqa: F401


def ended_run(project_id: str, first: int, last: int) -> Run:  # noqa: F811
    """Ten steps an epoch, two steps a second, best after the second of its epochs."""
    run = open_store().create(ProjectStore().load(project_id).present, project_id)
    steps = np.zeros(last - first + 1, STEP)
    steps["step"] = np.arange(first, last + 1)
    steps["epoch"], steps["elapsed_s"] = steps["step"] / 10, (steps["step"] - first + 1) / 2
    folder = RunFolder(run.folder)
    folder.steps.write_bytes(steps.tobytes())
    epochs = range(first // 10 + 1, last // 10 + 1)
    rows = [
        {
            "epoch": epoch, "step": 10 * epoch, "elapsed_s": 5.0 * epoch, "lr": 0.1, "rows_per_s": 100.0,
            "train": {"loss": 1.0, "Accuracy": 0.5}, "validation": {"loss": 1.0, "Accuracy": 0.5}, "is_best": epoch == epochs[1],
        }
        for epoch in epochs
    ]  # fmt: skip
    folder.epochs.write_text("".join(json.dumps(row) + "\n" for row in rows))
    open_store().update(run.id, status="finished")
    return run


def train_page(project_id: str, run: Run) -> AppTest:  # noqa: F811
    app = opened("train", project_id)
    app.query_params["run"] = run.id
    return app.run()


def loss_chart(app: AppTest) -> dict[str, Any]:
    drawn = (json.loads(item.proto.json) for item in app.get("bidi_component"))
    return next(
        chart for chart in drawn if chart["layout"] and chart["layout"]["yaxis"].get("title") == {"text": "Loss"}
    )


def marks(app: AppTest) -> dict[str, float]:
    """Words and places."""
    return {mark["text"]: mark["x"] for mark in loss_chart(app)["layout"]["annotations"]}


def test_a_run_is_marked_where_it_was_best_resumed_or_given_another_rate(project_id):  # noqa: F811
    run = ended_run(project_id, 1, 50)
    folder = RunFolder(run.folder)
    record(folder, Change(step=15, epoch=1.4, lr=0.0003))
    note_resume(folder, 0)
    note_resume(folder, 30)
    note_resume(folder, 50)  # gone on with for its figures alone
    app = train_page(project_id, run)
    assert marks(app) == {"best: epoch 2": 2, "lr 0.0003": 1.5, "resumed": 3}
    app.segmented_control(key="curve_axis").set_value("elapsed_s").run()
    assert marks(app) == {"best: epoch 2": 10, "lr 0.0003": 7.5, "resumed": 15}


def test_a_fork_and_its_parent_are_marked_where_they_part_and_share_their_time(project_id):  # noqa: F811
    parent, fork = ended_run(project_id, 1, 50), ended_run(project_id, 31, 60)
    training = ProjectStore().load(project_id).present.training
    write_origin(RunFolder(fork.folder), Origin(parent.id, 30, 3.0, training))
    assert marks(train_page(project_id, parent))["Run 2 begins"] == 3
    app = train_page(project_id, fork)
    assert marks(app) == {"from Run 1": 3.1, "best: epoch 5": 5}
    app.segmented_control(key="curve_axis").set_value("elapsed_s").run()
    assert marks(app) == {"from Run 1": 15.5, "best: epoch 5": 40}  # its parent had trained for 15 s


def test_other_runs_are_drawn_in_the_same_charts_until_they_are_taken_out(project_id):  # noqa: F811
    first, second = ended_run(project_id, 1, 50), ended_run(project_id, 1, 30)
    open_store().create(ProjectStore().load(project_id).present, project_id)  # waits, and has no curve
    app = train_page(project_id, first)
    choice = app.multiselect(key=f"compared_with_{first.id}")
    assert choice.options == ["Run 2"]
    choice.set_value([second.id]).run()
    legend = [trace["name"] for trace in loss_chart(app)["traces"] if trace.get("showlegend", True)]
    assert legend == ["Run 1", "Run 2"] and not app.exception
    app.multiselect(key=f"compared_with_{first.id}").set_value([]).run()
    assert [trace["name"] for trace in loss_chart(app)["traces"]] == ["Each step", "Training", "Validation"]


def test_the_words_of_neighbours_stand_one_below_the_other_and_the_latest_marks_are_kept():
    layout = with_marks({}, [Mark(place, f"at {place}") for place in range(50, 0, -1)], last=50)
    words = layout["annotations"]
    assert [word["text"] for word in words] == [f"at {place}" for place in range(11, 51)]
    assert len({word["y"] for word in words[:4]}) == 4
    assert (words[0]["xanchor"], words[-1]["xanchor"]) == ("left", "right")
    risen = with_marks({}, [Mark(1, "best")], last=50, rises=True)["annotations"][0]
    assert (words[0]["y"], risen["y"], risen["yanchor"]) == (1, 0, "bottom")
