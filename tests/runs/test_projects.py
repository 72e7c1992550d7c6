import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from builder.check.history import History, Step
from builder.errors import RunError
from builder.runs import history_file
from builder.runs.projects import ProjectStore
from builder.spec.data import Column
from builder.spec.project import Project
from builder.spec.sources import SampleSource

ROOT = Path(__file__).parents[2]


@pytest.fixture
def projects(strata_home) -> ProjectStore:
    return ProjectStore()


def renamed(history: History, *names: str) -> History:
    for name in names:
        history = history.record(history.present.model_copy(update={"name": name}), f"Rename to {name}")
    return history


def test_a_project_comes_back_as_it_was_saved(projects, project):
    project_id = projects.create(project)
    assert projects.load(project_id) == History.start(project)


def test_undo_and_redo_survive_a_restart(projects, project):
    project_id = projects.create(project)
    history = renamed(projects.load(project_id), "A", "B", "C").undo()
    projects.save(project_id, history)
    loaded = ProjectStore().load(project_id)
    assert loaded == history
    assert (loaded.present.name, loaded.undo().present.name, loaded.redo().present.name) == ("B", "A", "C")
    assert (loaded.undo_label, loaded.redo_label) == ("Rename to B", "Rename to C")


def test_steps_keep_changes_of_data_model_and_training(projects, project):
    data = project.data.model_copy(update={"source": SampleSource(name="wine")})
    training = project.training.model_copy(update={"epochs": 7})
    history = History.start(project).record(project.model_copy(update={"data": data}), "Take wine")
    history = history.record(history.present.model_copy(update={"training": training}), "Set epochs")
    project_id = projects.create(project)
    projects.save(project_id, history)
    assert projects.load(project_id) == history


def test_another_tab_sees_a_change_at_once(projects, project):
    project_id = projects.create(project)
    projects.load(project_id)
    ProjectStore().save(project_id, renamed(History.start(project), "Changed"))
    assert projects.load(project_id).present.name == "Changed"


def test_the_project_file_is_the_plain_document(projects, project, strata_home):
    project_id = projects.create(project)
    assert (strata_home / "projects" / project_id / "project.json").read_text() == project.to_json()


def test_a_hundred_steps_are_kept(projects, project):
    project_id = projects.create(project)
    history = renamed(History.start(project), *(f"Name {step}" for step in range(130)))
    projects.save(project_id, history)
    loaded = projects.load(project_id)
    assert len(loaded.past) == 100
    assert loaded.past[-1].project.name == "Name 128"


def test_a_hundred_steps_of_a_wide_table_stay_small(projects, project, strata_home):
    columns = tuple(Column(name=f"feature {number}", type="number") for number in range(1000))
    wide = project.model_copy(
        update={"data": project.data.model_copy(update={"columns": (*columns, project.data.target)})}
    )
    project_id = projects.create(wide)
    projects.save(project_id, renamed(History.start(wide), *(f"Name {step}" for step in range(100))))
    files = (strata_home / "projects" / project_id).rglob("*.json")
    assert sum(file.stat().st_size for file in files) < 3 * len(wide.to_json())
    assert len(projects.load(project_id).past) == 100


def licensed(project: Project, number: int) -> Project:
    return project.model_copy(update={"data": project.data.model_copy(update={"license": f"Number {number}"})})


def test_an_edit_writes_the_part_that_it_changed_and_what_no_step_needs_goes_in_time(projects, project, strata_home):
    project_id = projects.create(project)
    folder, history = strata_home / "projects" / project_id / "history", History.start(project)
    for number in range(3):
        history = history.record(licensed(project, number), "Set license")
        projects.save(project_id, history)
    written = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert sorted(path.name.partition("-")[0] for path in written) == ["data", "data", "data", "model", "training"]
    projects.save(project_id, history.record(licensed(project, 3), "Set license"))
    assert written.items() < {path: path.stat().st_mtime_ns for path in folder.iterdir()}.items()
    for number in range(4, 300):
        history = history.record(licensed(project, number), "Set license")
        if number % 40 == 0:
            projects.save(project_id, history)
    projects.save(project_id, history)
    assert 102 <= len(list(folder.iterdir())) < 205
    assert [step.project.data.license for step in ProjectStore().load(project_id).past[-2:]] == [
        "Number 297",
        "Number 298",
    ]


def test_a_history_in_one_document_as_older_ones_are_is_read(projects, project, strata_home):
    project_id = projects.create(project)
    parts = {f"{name}:{'0' * 24}": getattr(project, name).model_dump_json() for name in ("data", "model", "training")}
    rest = project.model_dump(mode="json", exclude={"data", "model", "training"})
    entry = {"label": "Rename", "rest": rest} | {key.partition(":")[0]: key for key in parts}
    path = strata_home / "projects" / project_id / "history.json"
    path.write_text(json.dumps({"past": [entry], "future": [], "parts": parts}))
    assert projects.load(project_id).past == (Step("Rename", project),)


@pytest.mark.parametrize("name", ["../project.json", "/etc/passwd", "data-0.json", "other-" + "0" * 24 + ".json"])
def test_a_history_that_names_other_files_is_left_out(projects, project, strata_home, name):
    project_id = projects.create(project)
    projects.save(project_id, renamed(History.start(project), "B"))
    path = strata_home / "projects" / project_id / "history.json"
    document = json.loads(path.read_bytes())
    document["past"][0]["data"] = name
    path.write_text(json.dumps(document))
    assert projects.load(project_id).past == ()


def test_past_its_size_the_steps_farthest_away_go(projects, project, monkeypatch):
    monkeypatch.setattr(history_file, "LARGEST_BYTES", 20_000)
    history = History.start(project)
    for step in range(40):
        data = project.data.model_copy(update={"license": f"{step:04}" * 100})
        history = history.record(project.model_copy(update={"data": data}), f"Licence {step}")
    project_id = projects.create(project)
    projects.save(project_id, history)
    kept = projects.load(project_id).past
    assert 5 < len(kept) < 40
    assert kept == history.past[-len(kept) :]


@pytest.mark.parametrize("unknown", ["0123456789ab", "", "..", "../../etc", "0123456789AB", "0123456789ab\n", "a/b"])
def test_an_unknown_project_is_refused(projects, project, unknown):
    projects.create(project)
    for ask in (projects.load, projects.delete):
        with pytest.raises(RunError, match=r"There is no project '.*'\. Open one from the Home page\.") as refusal:
            ask(unknown)
        assert len(str(refusal.value)) < 100


def test_nothing_is_saved_outside_the_projects(projects, project, strata_home):
    with pytest.raises(RunError):
        projects.save("../evil", History.start(project))
    assert not (strata_home / "evil").exists()


def test_projects_are_listed_newest_first(projects, project, strata_home):
    ids = [projects.create(project.model_copy(update={"name": name})) for name in ("old", "new", "middle")]
    for project_id, age in zip(ids, (300, 100, 200), strict=True):
        os.utime(strata_home / "projects" / project_id / "project.json", (1e9 - age, 1e9 - age))
    assert [(info.name, info.data_kind, info.modified_at) for info in projects.list()] == [
        ("new", "table", 1e9 - 100), ("middle", "table", 1e9 - 200), ("old", "table", 1e9 - 300),
    ]  # fmt: skip


def test_an_empty_home_has_no_projects(projects):
    assert projects.list() == ()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"name": "x"}', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_project_gets_a_sentence_and_the_others_stay(projects, project, strata_home, content):
    damaged, whole = projects.create(project), projects.create(project)
    (strata_home / "projects" / damaged / "project.json").write_bytes(content)
    listed = {info.id: info for info in projects.list()}
    assert listed[whole].problem == ""
    assert listed[damaged].name == "Damaged project"
    assert listed[damaged].problem.startswith(f"Project {damaged} is damaged (")
    with pytest.raises(RunError, match=f"Project {damaged} is damaged .* Restore its project.json from a copy"):
        projects.load(damaged)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"past": [1]}', b'{"parts": {"x": "1"}}'])
def test_a_damaged_history_costs_only_the_undo_steps(projects, project, strata_home, content):
    project_id = projects.create(project)
    projects.save(project_id, renamed(History.start(project), "B"))
    (strata_home / "projects" / project_id / "history.json").write_bytes(content)
    loaded = projects.load(project_id)
    assert (loaded.present.name, loaded.past) == ("B", ())


def test_a_history_that_an_older_strata_wrote_can_be_undone_to_what_it_meant(projects, project, strata_home):
    project_id = projects.create(project)
    history = renamed(History.start(project), "B")
    projects.save(project_id, history)
    path = strata_home / "projects" / project_id / "history.json"
    document = json.loads(path.read_bytes())
    document["past"][0]["rest"]["schema_version"] = 1
    path.write_text(json.dumps(document))
    part = path.with_suffix("") / document["past"][0]["training"]
    older = part.read_text().replace('"decays_all":false,', "")
    assert older != part.read_text()
    part.write_text(older)
    (step,) = projects.load(project_id).past
    training = history.past[0].project.training
    expected = training.model_copy(update={"optimizer": training.optimizer.model_copy(update={"decays_all": True})})
    assert step.project.training == expected and step.project.schema_version == 2


def test_a_history_that_breaks_the_rules_is_left_out(projects, project, strata_home):
    project_id = projects.create(project)
    projects.save(project_id, renamed(History.start(project), "B"))
    path = strata_home / "projects" / project_id / "history.json"
    document = json.loads(path.read_bytes())
    document["past"][0]["rest"]["name"] = 5
    path.write_text(json.dumps(document))
    assert projects.load(project_id).past == ()


def test_a_project_is_deleted_when_the_change_under_way_is_done(projects, project, strata_home):
    project_id = projects.create(project)
    deleting = threading.Thread(target=projects.delete, args=(project_id,))

    def change(kept):
        deleting.start()
        deleting.join(0.2)
        assert deleting.is_alive() and (strata_home / "projects" / project_id / "project.json").exists()
        return renamed(kept.history, "Changed")

    assert projects.change(project_id, change).history.present.name == "Changed"
    deleting.join(10)
    assert list((strata_home / "projects").iterdir()) == []
    with pytest.raises(RunError, match="There is no project"):
        projects.change(project_id, lambda kept: kept.history)
    assert list((strata_home / "projects").iterdir()) == []


def test_a_change_that_waits_for_a_deletion_is_told_that_the_project_is_gone(projects, project, monkeypatch):
    project_id = projects.create(project)
    found = projects._folder(project_id)
    monkeypatch.setattr(projects, "_folder", lambda _: found)  # as it was before another tab deleted it
    ProjectStore().delete(project_id)
    with pytest.raises(RunError, match="There is no project"):
        projects.change(project_id, lambda kept: kept.history)


def test_a_deleted_project_is_gone(projects, project):
    project_id = projects.create(project)
    projects.delete(project_id)
    assert projects.list() == ()
    with pytest.raises(RunError):
        projects.load(project_id)


def test_changes_of_several_processes_at_once_are_all_kept(projects, project, strata_home):
    project_id = projects.create(project)
    add = (
        "import sys; from builder.runs.projects import ProjectStore\n"
        "for step in range(5): ProjectStore().change(sys.argv[1], lambda kept: kept.history.record(\n"
        "    kept.history.present.model_copy(update={'name': kept.history.present.name + '+'}), 'Add'))"
    )
    command = [sys.executable, "-c", add, project_id]
    started = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    loaded = projects.load(project_id)
    assert loaded.present.name == project.name + "+" * 15 and len(loaded.past) == 15


def test_a_change_that_is_refused_changes_nothing_and_lets_the_next_one_in(projects, project):
    project_id = projects.create(project)

    def refused(kept):
        raise RunError("no")

    before = projects.version(project_id)
    with pytest.raises(RunError):
        projects.change(project_id, refused)
    assert projects.version(project_id) == before
    assert projects.change(project_id, lambda kept: renamed(kept.history, "B")).history.present.name == "B"


def test_what_led_from_a_seen_state_to_the_newest_is_named(project):
    history = renamed(History.start(project), "A", "B")
    assert history.since(project) == ("Rename to A", "Rename to B")
    assert history.undo().since(history.present) == ("Undo: Rename to B",)
    assert history.since(history.present) == ()
