"""Trains a project on several processes, without torchrun: each is a fork of one that has imported torch."""

import multiprocessing
import os
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch._dynamo  # takes seconds, and DistributedDataParallel needs it
import torch.distributed as dist

from builder.training.checkpointing import checkpoint_bytes, read_checkpoint
from builder.training.loop import Trainer
from builder.training.ranks import Ranks
from builder.training.shards import Shards
from builder.training.team_watcher import TeamWatcher
from tests.projects import facts_of
from tests.training.examples import MadeExamples, Notes

LIMIT_S = 120


class Trained(NamedTuple):
    losses: list[float]
    epochs: list[dict[str, Any]]
    weights: dict[str, list]
    checkpoint: bytes | None = None


class Leading(Notes):
    """Of the leading process: asks for a pause after a step, and keeps what a checkpoint would hold then."""

    waiting_lr, saved = None, None

    def __init__(self, stop_at: int | None, first: int):
        super().__init__(stop_at)
        self.first = first

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        assert step == self.first + len(self.losses) + 1
        self.losses.append(loss)

    def should_stop(self):
        return "pause" if len(self.losses) == self.stop_at else None

    def could_save(self, trainer: Trainer, *, must: bool = False) -> None:
        if must:
            self.save_state(trainer.state(), trainer)

    def is_due(self, trainer: Trainer, *, must: bool) -> bool:
        return must

    def save_state(self, state: dict[str, Any], trainer: Trainer) -> None:
        self.saved = checkpoint_bytes(state, {})


def train(
    project, size: int, task: str = "multiclass", *, shards: bool = False, stop_at=None, state: bytes | None = None
) -> Trained:
    """What the leading process was told, from a checkpoint on if one is given; with one where it stops at a step."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.distributed.several"])
    with tempfile.TemporaryDirectory() as place:
        told, tell = context.Pipe(duplex=False)
        settings = (size, place, project, task, shards, stop_at, state)
        processes = [context.Process(target=_share, args=(rank, tell, *settings)) for rank in range(size)]
        for process in processes:
            process.start()
        tell.close()
        assert told.poll(LIMIT_S)
        found = told.recv()
        for process in processes:
            process.join(LIMIT_S)
    assert [process.exitcode for process in processes] == [0] * size
    return Trained(*found)


def _share(rank, tell, size, place, project, task, shards, stop_at, state) -> None:
    torch.set_num_threads(1)
    os.environ |= {"GLOO_SOCKET_IFNAME": "lo", "LOCAL_WORLD_SIZE": str(size)}
    store = dist.FileStore(str(Path(place) / "store"), size)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=size)
    team = (Shards if shards else Ranks)(torch.device("cpu"))
    start = state and state_in(state, Path(place) / str(rank))
    notes = Leading(stop_at, start["position"]["step"] if start else 0) if team.leads else None
    examples = MadeExamples(task, project.training.loss.takes_column)
    trainer = Trainer(project, facts_of((4,), task, rows=60), examples, TeamWatcher(team, notes), team)
    if start:
        trainer.restore(start)
    trainer.run()
    if team.leads:
        weights = {} if trainer.stopped else plain(trainer.model)
        tell.send((notes.losses, notes.epochs, weights, notes.saved))
    dist.barrier()
    dist.destroy_process_group()


def state_in(checkpoint: bytes, path: Path) -> dict[str, Any]:
    path.write_bytes(checkpoint)
    return read_checkpoint(path)


def plain(model: torch.nn.Module) -> dict[str, list]:
    return {name: tensor.tolist() for name, tensor in model.state_dict().items()}
