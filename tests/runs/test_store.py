import os
import subprocess
import sys
from pathlib import Path

import pytest

from builder.errors import RunError
from builder.runs.folder import RunFolder
from builder.runs.processes import start_time
from builder.runs.store import open_store
from builder.spec.sources import FileSource, SampleSource

ME = (os.getpid(), start_time(os.getpid()))


def test_a_run_keeps_its_own_copy_of_the_project(store, project):
    run = store.create(project, "0123456789ab", base=Path("/data"))
    kept = RunFolder(run.folder).project
    assert (kept.name, kept.model, kept.training) == (project.name, project.model, project.training)
    assert (run.status, run.name, run.project_id, run.is_active) == ("queued", "Flowers", "0123456789ab", True)


def test_a_relative_source_is_found_from_any_folder(store, project, tmp_path, monkeypatch):
    beside_project = RunFolder(store.create(project, base=tmp_path).folder).project.data.source
    assert beside_project == FileSource(path=str(tmp_path / "flowers.csv"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert RunFolder(store.create(project).folder).project.data.source.path == str(tmp_path / "here" / "flowers.csv")


def test_a_sample_source_stays_as_it_is(store, project):
    sample = project.model_copy(update={"data": project.data.model_copy(update={"source": SampleSource(name="iris")})})
    assert RunFolder(store.create(sample).folder).project == sample


def test_a_run_is_found_by_the_beginning_of_its_id(store, project):
    run = store.create(project)
    assert store.get(run.id) == store.get(run.id[:6]) == run


@pytest.mark.parametrize("unknown", ["", "zzz", "%", "_", "../etc"])
def test_an_unknown_run_is_refused_with_a_way_out(store, project, unknown):
    store.create(project)
    with pytest.raises(RunError, match=r"There is no run '.*'\. Take an id from the list"):
        store.get(unknown)


def test_an_ambiguous_beginning_is_refused(store, project):
    ids = [store.create(project).id for _ in range(17)]  # 16 first letters: two ids share one
    shared = next(run_id[0] for run_id in ids if sum(other[0] == run_id[0] for other in ids) > 1)
    with pytest.raises(RunError, match="Several runs begin with"):
        store.get(shared)


def test_runs_are_listed_newest_first_and_by_project(store, project):
    first, second, third = (store.create(project, owner) for owner in ("a" * 12, "b" * 12, "a" * 12))
    assert [run.id for run in store.list()] == [third.id, second.id, first.id]
    assert [run.id for run in store.list("a" * 12)] == [third.id, first.id]


def test_the_oldest_waiting_run_is_claimed_first(store, project):
    first, second = store.create(project), store.create(project)
    assert (store.position(first.id), store.position(second.id)) == (1, 2)
    claimed = store.claim(*ME, slots=1)
    assert (claimed.id, claimed.status, claimed.pid, claimed.process_start) == (first.id, "running", *ME)
    assert claimed.started_at >= claimed.created_at
    assert (store.position(first.id), store.position(second.id)) == (0, 1)


def test_no_more_runs_start_than_there_are_slots(store, project):
    for _ in range(3):
        store.create(project)
    assert [store.claim(*ME, slots=2) is not None for _ in range(3)] == [True, True, False]
    store.update(store.list()[-1].id, status="finished")
    assert store.claim(*ME, slots=2) is not None


def test_an_empty_queue_has_nothing_to_claim(store):
    assert store.claim(*ME, slots=1) is None


def test_a_dead_run_holds_no_slot(store, project):
    dead, waiting = store.create(project, status="running"), store.create(project)
    store.update(dead.id, process_start=ME[1] - 1)
    assert store.claim(*ME, slots=1).id == waiting.id


def test_a_run_in_the_foreground_belongs_to_its_process(store, project):
    run = store.create(project, status="running")
    assert (run.status, run.pid, run.process_start) == ("running", *ME)
    assert store.reconcile() == ()


def test_a_waiting_run_that_is_asked_to_stop_is_cancelled_at_once(store, project):
    run = store.create(project)
    stopped = store.request(run.id, "stop")
    assert (stopped.status, stopped.is_active) == ("cancelled", False)
    assert stopped.ended_at >= run.created_at
    assert store.claim(*ME, slots=1) is None
    assert store.adopt(run.id, *ME) is False
    assert store.get(run.id).status == "cancelled"


def test_a_running_run_is_asked_to_stop_and_goes_on_until_it_does(store, project):
    run = store.create(project)
    store.claim(*ME, slots=1)
    assert store.requested(run.id) is None
    assert store.request(run.id, "stop").status == "running"
    assert store.requested(run.id) == "stop"


def test_asking_an_ended_run_to_stop_changes_nothing(store, project):
    run = store.create(project)
    store.update(run.id, status="finished")
    ended = store.get(run.id)
    assert store.request(run.id, "stop") == ended


def test_a_worker_adopts_a_waiting_run(store, project):
    run = store.create(project)
    assert store.adopt(run.id, *ME) is True
    assert (store.get(run.id).status, store.get(run.id).pid) == ("running", ME[0])


def test_the_first_end_of_a_run_stays(store, project):
    run = store.create(project)
    store.claim(*ME, slots=1)
    assert store.end(run.id, "failed", "The loss became NaN.") is True
    assert store.end(run.id, "interrupted", "gone") is False
    ended = store.get(run.id)
    assert (ended.status, ended.message, ended.phase) == ("failed", "The loss became NaN.", "")
    assert ended.ended_at >= ended.started_at


def test_a_state_that_ends_a_run_dates_its_end(store, project):
    run = store.create(project)
    store.update(run.id, phase="training", message="Epoch 1")
    assert store.get(run.id).ended_at is None
    store.update(run.id, status="finished")
    assert store.get(run.id).ended_at >= run.created_at


def test_a_run_of_a_reused_process_id_is_interrupted(store, project):
    run = store.create(project)
    store.adopt(run.id, os.getpid(), ME[1] - 100)  # this id lives, but began at another time
    (found,) = store.reconcile()
    assert (found.id, found.status, found.is_active) == (run.id, "interrupted", False)
    assert "process is gone" in found.message


def test_a_run_that_cannot_be_stored_leaves_no_folder(store, project, strata_home):
    with pytest.raises(Exception, match="NOT NULL"):
        store.create(project, status=None)
    assert list((strata_home / "runs").iterdir()) == []


def test_a_relative_sqlite_address_starts_at_the_home(project, strata_home, monkeypatch):
    monkeypatch.setenv("STRATA_STORE_URL", "sqlite:///other.db")
    run = open_store().create(project)
    assert (strata_home / "other.db").exists()
    assert open_store().get(run.id) == run


@pytest.mark.parametrize("address", ["nonsense", "sqlite:////no/such/folder/strata.db", "nosuchdatabase://host/name"])
def test_a_store_that_cannot_be_opened_is_one_sentence(address, monkeypatch):
    monkeypatch.setenv("STRATA_STORE_URL", address)
    with pytest.raises(RunError, match=r"Correct or unset (it|STRATA_STORE_URL)\.$") as refusal:
        open_store()
    assert "\n" not in str(refusal.value)


def test_a_store_that_is_another_kind_of_file_is_one_sentence(strata_home):
    strata_home.mkdir()
    (strata_home / "strata.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(RunError, match=r"strata\.db cannot be opened: file is not a database\. Correct or unset"):
        open_store()


def test_a_password_never_shows(monkeypatch):
    monkeypatch.setenv("STRATA_STORE_URL", "postgresql://strata:hunter2@127.0.0.1:1/strata")
    with pytest.raises(RunError) as refusal:
        open_store()
    assert "hunter2" not in str(refusal.value)


def test_runs_import_neither_torch_nor_pandas():
    code = (
        "import sys, builder.runs.launch, builder.runs.projects, builder.runs.events\n"
        "print(*(name for name in ('torch', 'pandas', 'pyarrow', 'sklearn', 'streamlit') if name in sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""
