"""Runs for several machines: what is printed for them, who owns them, and what is refused."""

import os
import re
import shutil
import subprocess

import pytest
from sqlalchemy import make_url

from builder.__main__ import main
from builder.catalogue.layers import Linear
from builder.catalogue.optimizers import LBFGS, Muon
from builder.catalogue.regularization import EMA
from builder.data.templates import make_project
from builder.errors import RunError
from builder.runs import launch, torchrun
from builder.runs.cluster import cluster_text, prepare_run, slurm_text
from builder.runs.folder import RunFolder
from builder.runs.heartbeat import SILENT_S, beat
from builder.runs.scale import Scale, require_scalable, scale_of
from builder.runs.store import open_store
from builder.spec.project import save_project
from builder.spec.templates import TEMPLATES
from tests.projects import stacked

TWO_NODES = Scale(processes=4, nodes=2)


@pytest.fixture
def run(strata_home):
    return prepare_run(make_project(TEMPLATES["iris"]), TWO_NODES)


def test_a_prepared_run_is_left_alone_by_this_machine(run):
    store = open_store()
    assert run.status == "paused" and scale_of(RunFolder(run.folder)) == TWO_NODES
    assert store.claim(os.getpid(), 1.0, slots=1) is None


def test_each_machine_has_a_command_and_only_the_first_is_the_meeting_place(run):
    lines = [line for line in cluster_text(run, "torchrun").splitlines() if not line.startswith("#")]
    assert len(lines) == 2
    for node, line in enumerate(lines):
        assert "--nnodes=1:2" in line and "--nproc-per-node=4" in line and "--rdzv-endpoint=FIRST_NODE:29400" in line
        assert f"is_host={int(node == 0)}" in line and line.endswith(f"-m builder.training.worker {run.folder}")
        assert f"STRATA_HOME={run.folder.parent.parent}" in line and "TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1" in line


def test_the_slurm_script_starts_torchrun_once_on_each_node_at_the_first_of_them(run, tmp_path):
    script = tmp_path / "job.sh"
    script.write_text(cluster_text(run, "slurm"))
    for name, text in {"scontrol": "echo node-a\necho node-b", "srun": 'echo "$TORCH_DISABLE_SHARE_RDZV_TCP_STORE" "$@"'}.items():  # fmt: skip
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_JOB_NODELIST": "node-[a-b]"}
    said = subprocess.run(["bash", str(script)], env=environment, capture_output=True, text=True, check=True).stdout
    expected = ["--kill-on-bad-exit=0", *torchrun.on_node(RunFolder(run.folder), TWO_NODES, "node-a")]
    assert said.split() == ["1", *expected]
    settings = re.findall(r"^#SBATCH (\S+)", script.read_text(), re.MULTILINE)
    assert {"--nodes=2", "--ntasks-per-node=1", "--requeue", "--no-kill"} <= set(settings)


def test_slurm_is_given_a_place_with_blanks_as_one_word(run, tmp_path):
    """sbatch takes `%%` for a plain percent sign."""
    there = shutil.copytree(run.folder, tmp_path / "My 50% runs" / run.folder.name)
    assert f'#SBATCH --output="{tmp_path}/My 50%% runs/{run.folder.name}/slurm-%j.txt"' in slurm_text(RunFolder(there))


def test_rays_dashboard_stays_on_this_machine(run):
    text = cluster_text(run, "ray")
    assert "--dashboard-host=127.0.0.1" in text and "--address=http://127.0.0.1:8265" in text and "ssh -L 8265" in text
    assert "0.0.0.0" not in text
    assert subprocess.run(["bash", "-n"], input=text, text=True, check=False).returncode == 0


def test_the_password_of_a_store_is_printed_nowhere(run, monkeypatch):
    monkeypatch.setattr("builder.runs.cluster.store_url", lambda: make_url("postgresql://me:secret@host/strata"))
    for form in ("torchrun", "slurm", "ray"):
        assert "secret" not in cluster_text(run, form)
    assert "STRATA_STORE_URL" in cluster_text(run, "slurm")


def test_the_command_prepares_a_run_and_prints_it_again(strata_home, tmp_path, capsys):
    save_project(make_project(TEMPLATES["iris"]), tmp_path / "project.json")
    words = [str(tmp_path / "project.json"), "--nodes", "3", "--processes", "2", "--slurm"]
    assert main(["cluster", *words]) == 0
    printed = capsys.readouterr().out
    (run,) = open_store().list()
    assert "#SBATCH --nodes=3" in printed and "--nproc-per-node=2" in printed
    assert main(["cluster", run.id, "--slurm"]) == 0 and capsys.readouterr().out == printed


def test_a_run_of_other_machines_lives_as_long_as_its_folder_is_touched_and_takes_no_slot(run):
    store = open_store()
    store.queue_again(run.id, None, "running")
    assert store.adopt(run.id, None, None)
    beat(RunFolder(run.folder))
    assert store.reconcile() == () and store.get(run.id).status == "running"
    with pytest.raises(RunError, match="trains on other machines; it was asked to stop"):
        launch.kill(run.id)
    waiting = store.create(make_project(TEMPLATES["iris"]))
    assert store.claim(os.getpid(), 1.0, slots=1).id == waiting.id
    before = RunFolder(run.folder).heartbeat.stat().st_mtime - SILENT_S - 1
    os.utime(RunFolder(run.folder).heartbeat, (before, before))
    assert run.id in {one.id for one in store.reconcile()}


def test_what_cannot_be_shared_is_refused_with_a_way_out():
    with pytest.raises(RunError, match="Choose AdamW, or 1 process"):
        require_scalable(stacked(Linear(), optimizer=LBFGS()), Scale(2))
    with pytest.raises(RunError, match="Set the batch size to 8 or more"):
        require_scalable(stacked(Linear(), batch_size=7), Scale(4, 2))
    with pytest.raises(RunError, match="takes no Muon, EMA"):
        require_scalable(stacked(Linear(), optimizer=Muon(), regularization=(EMA(),)), Scale(2, shards=True))
    with pytest.raises(RunError, match="must be 1 to"):
        require_scalable(stacked(Linear()), Scale(0))
    require_scalable(stacked(Linear(), optimizer=Muon(), regularization=(EMA(),)), Scale(2))
    require_scalable(stacked(Linear(), optimizer=LBFGS()), Scale(1))
