"""Writes down how a run is started on several machines: by hand, by Slurm, by Ray."""

import json
import shlex
import sys
from pathlib import Path

from builder.errors import RunError
from builder.home import home
from builder.runs import torchrun
from builder.runs.database import store_url
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.scale import Scale, require_scalable, scale_of, write_scale
from builder.runs.store import open_store
from builder.spec.project import Project

PREPARED = "Prepared for several machines: it waits until it is started there."
RAY_ADDRESS = "http://127.0.0.1:8265"
FIRST_HOST = "FIRST_NODE"
"""Stands for the name or address of the first node, where only the user knows it."""


def prepare_run(project: Project, scale: Scale, project_id: str | None = None, base: Path | None = None) -> Run:
    """A run that this machine's own worker leaves alone. Raises: RunError if it cannot train on so many."""
    require_scalable(project, scale)
    run = open_store().create(
        project, project_id, base, status="paused", prepare=lambda folder: write_scale(folder, scale)
    )
    open_store().update(run.id, status="paused", message=PREPARED)
    return open_store().get(run.id)


def torchrun_lines(folder: RunFolder) -> list[str]:
    """A command for each node."""
    scale = scale_of(folder)
    settings = shlex.join(f"{name}={value}" for name, value in _environment().items())
    commands = (torchrun.on_node(folder, scale, FIRST_HOST, is_first=node == 0) for node in range(scale.nodes))
    return [f"env {settings} {shlex.join(command)}" for command in commands]


def torchrun_text(folder: RunFolder) -> str:
    lines = torchrun_lines(folder)
    said = [
        f"# {FIRST_HOST}: name or address of the first node. All nodes see the same folder under {home()}.",
        "# A node whose own name leads nowhere also needs --local-addr=ITS_ADDRESS before -m builder.",
        *_about_store(),
    ]
    for node, line in enumerate(lines, start=1):
        said += [f"# on node {node}:", line]
    return "\n".join(said) + "\n"


def slurm_text(folder: RunFolder) -> str:
    """For `sbatch`: one task on each node; it is put back into the queue if the first node fails."""
    scale, project = scale_of(folder), folder.project
    needs_cards = project.training.device != "cpu"
    cards = f"#SBATCH --gpus-per-node={scale.processes}  # leave out on nodes without cards\n" if needs_cards else ""
    exports = "\n".join(
        [*_about_store(), *(f"export {name}={shlex.quote(value)}" for name, value in _environment().items())]
    )
    command = shlex.join(torchrun.on_node(folder, scale, FIRST_HOST)).replace(FIRST_HOST, '"$first"')
    return f"""#!/bin/bash
#SBATCH --job-name=strata-{folder.path.name}
#SBATCH --nodes={scale.nodes}
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task={max(2, scale.processes)}
{cards}#SBATCH --output="{str(folder.path).replace("%", "%%")}/slurm-%j.txt"
#SBATCH --no-kill
#SBATCH --requeue

{exports}
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
srun --kill-on-bad-exit=0 {command}
"""


def ray_text(folder: RunFolder) -> str:
    """For a shell on the head node: the dashboard answers there alone."""
    words = [sys.executable, "-m", "builder.training.ray_job", str(folder.path)]
    settings = json.dumps({"env_vars": _environment()})
    return f"""# Once, on the head node; the dashboard runs whatever it is sent, so it stays on 127.0.0.1:
ray start --head --dashboard-host=127.0.0.1
# From your own machine you reach it through a tunnel:  ssh -L 8265:127.0.0.1:8265 HEAD_NODE
ray job submit --address={RAY_ADDRESS} --runtime-env-json={shlex.quote(settings)} -- {shlex.join(words)}
"""


TEXTS = {"torchrun": torchrun_text, "slurm": slurm_text, "ray": ray_text}


def cluster_text(run: Run, form: str) -> str:
    """Raises: RunError if the run has nothing more to train."""
    if run.status in ("finished", "discarded", "cancelled"):
        raise RunError(f"Run {run.id} is {run.status}: there is nothing to train. Prepare the project again.")
    return TEXTS[form](RunFolder(run.folder))


def _environment() -> dict[str, str]:
    return {"STRATA_HOME": str(home()), "PYTHONPATH": str(torchrun.root())} | torchrun.ENVIRONMENT


def _about_store() -> list[str]:
    """Its address may hold a password, which is printed nowhere."""
    is_file = store_url().get_backend_name() == "sqlite"
    told = (
        "Set STRATA_STORE_URL there as it is set here."
        if not is_file
        else (
            "The store is a SQLite file; on a disk that machines share by network, PostgreSQL is safer (STRATA_STORE_URL)."
        )
    )
    return [f"# {told}"]
