"""Brings a training to where it goes on: its own last checkpoint, or one of the run it was forked from."""

from dataclasses import dataclass
from typing import Any

from builder.catalogue.regularization import Averaging
from builder.errors import RunError
from builder.runs.changes import Change, changes
from builder.runs.folder import RunFolder
from builder.runs.origin import Origin, keeps_gathered, origin_of
from builder.spec.training import LOSS, TrainingSpec
from builder.training.checkpointing import newest_start
from builder.training.loop import Trainer
from builder.training.position import Position


@dataclass(frozen=True)
class Starting:
    """Without a state at the beginning."""

    state: dict[str, Any] | None = None
    step: int = 0
    """The last step whose events are kept."""
    epoch: int = 1
    """The epoch under way there, whose record is not kept."""
    note: str = ""
    parent: TrainingSpec | None = None
    """The settings of the run that this one was forked from."""
    planned: tuple[Change, ...] = ()
    """Learning rates that were taken on later, before the process was killed: they are taken on again."""

    def bring(self, trainer: Trainer) -> None:
        """Raises: RunError if the state is of another model."""
        try:
            if self.state is not None:
                trainer.restore(self.state if self.parent is None else forked(self.state, self.parent, trainer))
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise RunError(f"The checkpoint does not fit this model: {reason}. Train again from the beginning.") from None  # fmt: skip
        trainer.rates.plan({change.step - 1: change.lr for change in self.planned})


def find_start(folder: RunFolder, content: str, row_order: str) -> Starting:
    """Raises: RunError if there are checkpoints that cannot be gone on from, or the data is not what it was."""
    start, origin = newest_start(folder), origin_of(folder)
    if start is None:
        return Starting(planned=changes(folder))
    if folder.data_content.exists() and folder.data_content.read_text() != content:
        raise RunError("The data has changed since this training began, so it cannot go on. Train again from the beginning.")  # fmt: skip
    if start.is_own and folder.row_order.exists() and (before := folder.row_order.read_text()) != row_order:
        raise RunError(f"This training took its rows from {before}; they would now come from {row_order}, in another order. Set STRATA_TABLE_MB to what it was when the training began, or train again from the beginning.")  # fmt: skip
    if not start.is_own:
        return Starting(_with_position(start.state, origin), parent=origin.training)
    later = tuple(change for change in changes(folder) if change.step > start.step)
    return Starting(start.state, start.step, start.state["position"]["epoch"], start.note, planned=later)


def _with_position(state: dict[str, Any], origin: Origin) -> dict[str, Any]:
    """Weights alone stand at the end of their epoch."""
    at_end = vars(Position(epoch=int(origin.epoch) + 1, step=origin.step))
    return {"position": at_end, "seen": [], "average": None} | state


def forked(state: dict[str, Any], parent: TrainingSpec, trainer: Trainer) -> dict[str, Any]:
    """The state of another run as far as it means the same under this training's settings, else a fresh one."""
    own, fresh = trainer.training, trainer.state()
    taken = {"model": state["model"], "elapsed_s": 0.0, "position": vars(_position(state, parent, trainer))}
    taken["seen"] = state["seen"] if taken["position"]["batch"] else []
    taken["average"] = state["average"] if _average_alike(own, parent) else None
    if "optimizer" in state and keeps_gathered(own, parent):
        taken["optimizer"] = state["optimizer"]
    if "rates" in state and own.scheduler == parent.scheduler and _judge_alike(own, parent):
        taken["rates"] = state["rates"] | {"lr": own.optimizer.lr, "held": fresh["rates"]["held"]}
    if "random" in state and own.seed == parent.seed:
        taken["random"] = state["random"]
    if "best" in state and _judge_alike(own, parent):
        taken["best"] = state["best"]
    return fresh | taken


def _position(state: dict[str, Any], parent: TrainingSpec, trainer: Trainer) -> Position:
    """An epoch that is dealt into other batches is begun again."""
    position, own, rows = Position(**state["position"]), trainer.training, len(trainer.examples.train_rows)
    position.gave_up_after = None
    dealt_alike = own.rows_per_step(rows) == parent.rows_per_step(rows) and own.batch_size == parent.batch_size
    if not (dealt_alike and own.seed == parent.seed):
        position.start_epoch(position.epoch)
        position.step = (position.epoch - 1) * own.steps_per_epoch(rows)
    return position


def _average_alike(own: TrainingSpec, parent: TrainingSpec) -> bool:
    """Whether weights are averaged in the same way from the same epoch on."""
    asked = own.regularizer(Averaging)
    return asked == parent.regularizer(Averaging) and own.first_judged_epoch == parent.first_judged_epoch


def _judge_alike(own: TrainingSpec, parent: TrainingSpec) -> bool:
    """Whether the figures that pick the epoch to keep can be compared."""
    if own.regularizer(Averaging) != parent.regularizer(Averaging) or own.keeps_best != parent.keeps_best:
        return False
    if own.best_by != parent.best_by or own.is_higher_better(own.best_by) != parent.is_higher_better(own.best_by):
        return False
    return own.best_by != LOSS or own.loss == parent.loss
