"""Finds a learning rate for a project: by a range test, and by a few short trainings where time allows them."""

from dataclasses import asdict
from typing import Any

import numpy as np

from builder.errors import RunError
from builder.runs.lr_search import LrSearch
from builder.spec.facts import DataFacts
from builder.spec.project import Project, validated
from builder.training.batch_finder import largest_that_fits
from builder.training.examples import Examples
from builder.training.found_batch import sized
from builder.training.range_test import HIGHEST, RangeTest, range_test
from builder.training.rate_curve import RateCurve, read_curve
from builder.training.rate_race import MOST, Candidate, Candidates, race
from builder.training.trial import Tell, prepared

RACE_S = 15.0
LEAST_SHARE = 1 / 3
"""Trainings shorter than this share of the project's own would only show which rate starts quickest."""
RANGE_SHARE = 0.4
"""Of the whole search, for the bar that shows how far it is."""

_VERDICTS = {
    0: "no neighbour was clearly better",
    1: "lower rates were clearly worse",
    -1: "higher rates were clearly worse",
}


def find_lr(payload: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """The LrSearch of `payload["project"]` as JSON. Raises: BuilderError if it cannot train."""
    return asdict(find_lr_of(validated(Project, payload["project"]), tell))


def find_lr_of(project: Project, tell: Tell) -> LrSearch:
    """Raises: BuilderError if it cannot train, or if there is no rate to find."""
    _require_lr(project)
    tell(0.0, "Preparing the data")
    facts, examples = prepared(project)
    if project.training.largest_batch:
        tell(0.0, "Looking for the largest batch that fits")
        project = sized(project, largest_that_fits(project, facts, examples))
    return find_lr_on(project, facts, examples, tell)


def find_lr_on(project: Project, facts: DataFacts, examples: Examples, tell: Tell) -> LrSearch:
    test = range_test(project, facts, examples, lambda share, text: tell(share * RANGE_SHARE, text))
    curve = read_curve(test.lrs, test.losses)
    first, raced, epochs = curve.suggestion, [], _epochs(project, test, len(examples.train_rows))
    if epochs and curve.falls:
        attempt = Candidates(project, facts, examples, epochs, RACE_S, _telling(tell, epochs))
        raced = race(first, curve.diverges_at or HIGHEST, attempt)
    suggestion = round_lr(raced[-1].lr if raced else first)
    return LrSearch(
        lrs=curve.lrs.tolist(), losses=curve.losses.tolist(), diverges_at=curve.diverges_at,
        raced=[(one.lr, one.loss if np.isfinite(one.loss) else None) for one in raced],
        epochs=epochs if raced else 0, suggestion=suggestion, reason=_reason(curve, raced, epochs),
    )  # fmt: skip


def round_lr(lr: float) -> float:
    """With two digits: 0.0031623 → 0.0032."""
    return float(f"{lr:.1e}")


def _require_lr(project: Project) -> None:
    optimizer = project.training.optimizer
    if optimizer.takes_closure:
        raise RunError(
            f"{optimizer.label} finds the length of its moves by itself, so there is no learning rate to find. "
            "Leave it at 1, or choose another optimizer."
        )


def _epochs(project: Project, test: RangeTest, train_rows: int) -> int:
    """Of the trainings that are compared: three have to fit into the time; 0 if they would be too short to tell."""
    wanted = project.training.epochs
    epoch_s = test.step_s * max(1, project.training.steps_per_epoch(train_rows))
    affordable = int(RACE_S / 3 / epoch_s)
    return min(wanted, affordable) if affordable >= wanted * LEAST_SHARE else 0


def _telling(tell: Tell, epochs: int):
    def told(count: int, lr: float) -> None:
        share = RANGE_SHARE + (1 - RANGE_SHARE) * count / MOST
        tell(share, f"Training {epochs} epoch{'s' if epochs > 1 else ''} with a learning rate of {round_lr(lr):g}")

    return told


def _reason(curve: RateCurve, raced: list[Candidate], epochs: int) -> str:
    """Why this rate, in plain words with the figures seen."""
    diverges = f"it diverged from {round_lr(curve.diverges_at):g}" if curve.diverges_at else "it diverged at none"
    if not curve.falls:
        return (
            f"The loss fell clearly at no learning rate, and {diverges}. This is a tenth of that: a careful start. "
            "Look at the data and the model first, for something keeps it from learning."
        )
    seen = f"The loss fell steepest around {round_lr(curve.middle):g} and was lowest at {round_lr(curve.lowest):g}; {diverges}."
    if len(raced) < 2:
        return f"{seen} There was no time left to try the rates beside it in short trainings."
    winner = raced[-1]
    figures = ", ".join(f"{round_lr(one.lr):g}: {_loss(one)}" for one in raced[:-1])
    verdict = _VERDICTS[(winner.lr > curve.middle) - (winner.lr < curve.middle)]
    length = f"{epochs} epoch{'s' if epochs > 1 else ''}"
    return f"{seen} {length} with {round_lr(winner.lr):g} gave a validation loss of {_loss(winner)}: {verdict} ({figures})."


def _loss(candidate: Candidate) -> str:
    return f"{candidate.loss:.4g}" if np.isfinite(candidate.loss) else "no number"
