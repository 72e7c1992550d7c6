"""What a process does that torchrun started for a run: the first leads, the others train along."""

import os
import sys
from functools import partial
from pathlib import Path

from builder.errors import BuilderError, RunError
from builder.export.finish import export_run
from builder.runs.folder import RunFolder
from builder.runs.heartbeat import beat
from builder.runs.processes import is_alive
from builder.runs.run import RESUMABLE, Run
from builder.runs.store import RunStore, open_store
from builder.training.fault_words import known_fault
from builder.training.joining import join
from builder.training.ranks import Ranks, is_lost
from builder.training.session import carry_out, follow
from builder.training.team_watcher import TeamWatcher


def train_as_rank(path: Path) -> None:
    """Ends in an exit code other than 0 where torchrun shall begin anew from the last checkpoint."""
    store, folder = open_store(), RunFolder(path)
    try:
        is_local = _is_of_this_torchrun(store.get(path.name))
        team, liveness = join(folder, (lambda: None) if is_local else partial(beat, folder))
        (is_wanted,) = team.agree(team.leads and (is_local or _take(store, path.name)))
        if is_wanted:
            _train(store, store.get(path.name), team)
        liveness.end()
    except Exception as error:
        if not is_lost(error):
            _say(store, path.name, error)
        if store.get(path.name).is_active:  # not the end of the leading process, which says first how the run ended
            raise


def _is_of_this_torchrun(run: Run) -> bool:
    """Whether the app or a command started it for this run. Raises: RunError if the run belongs to another process."""
    if run.status != "running" or not is_alive(run.pid, run.process_start):
        return False
    if run.pid != os.getppid():
        raise RunError(f"Run {run.id} trains already, as process {run.pid}. Stop it first.")
    return True


def _take(store: RunStore, run_id: str) -> bool:
    """Makes the run that of these machines, if there is anything to train: one that was prepared, or ended early, is gone
    on with at the first attempt."""
    if store.get(run_id).status in RESUMABLE and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
        store.queue_again(run_id, None, "running")
    return store.adopt(run_id, None, None)


def _train(store: RunStore, run: Run, team: Ranks) -> None:
    if team.leads:
        carry_out(store, run, finish=export_run, watch=partial(TeamWatcher, team), team=team)
    else:
        follow(RunFolder(run.folder), team)


def _say(store: RunStore, run_id: str, error: Exception) -> None:
    """Ends the run: what is at fault in one process is at fault in all."""
    fault = known_fault(error, RunFolder(store.get(run_id).folder))
    if isinstance(fault, BuilderError):
        store.end(run_id, "failed", str(fault))
        print(fault, file=sys.stderr)
