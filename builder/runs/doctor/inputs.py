"""Rules for what the model is fed: a column that gives the answer away, classes of very different sizes, slow inputs."""

import numpy as np

from builder.check.edits import UpdateData
from builder.check.problem import Fix
from builder.runs.doctor.evidence import Evidence
from builder.runs.doctor.finding import Finding
from builder.runs.doctor.remedies import set_training
from builder.runs.doctor.words import said, share
from builder.spec.data import ImageData, TableData
from builder.spec.project import Project

FEWEST_EPOCHS, FEWEST_SAMPLES = 3, 3
TOO_GOOD = 0.95
"""Share of the baseline's error that is gone."""
RARE = 5.0
"""Rows of the largest class for each of the smallest."""
NEGLECTED, KEPT = 0.5, 0.8
"""Recall of the rarest class and of the most frequent one."""
HARDLY_BETTER = 0.25
WAITING = 0.5
"""Share of the training time that goes by without an input."""


def looks_too_good(evidence: Evidence) -> bool:
    """Whether it is worth the while to look for columns that give the target away."""
    return len(evidence.epochs) >= FEWEST_EPOCHS and evidence.skill("validation") > TOO_GOOD


def leak(evidence: Evidence) -> Finding | None:
    """The answers are nearly all right, and one column alone gives them away."""
    if not evidence.leaks or not looks_too_good(evidence):
        return None
    name, how = evidence.leaks[0]
    seen = evidence.judged("validation")
    sentence = f"Validation {seen.figure} is {said(seen.value)}, and column '{name}' alone gives '{evidence.facts.target}' away ({how}). If it is only known together with the answer, leave it out."
    return Finding("leak", sentence, without(evidence.present, [name for name, _ in evidence.leaks]))


def without(project: Project, names: list[str]) -> tuple[Fix, ...]:
    """Leaves these columns out, unless nothing would be left."""
    data = project.data
    if not isinstance(data, TableData) or not {column.name for column in data.features} - {*names}:
        return ()
    called = f"column '{names[0]}'" if len(names) == 1 else f"{len(names)} columns that give the target away"
    return (Fix(f"Leave out {called}", (_with_columns(data, names, role="ignored"),)),)


def scaled(project: Project, name: str) -> tuple[Fix, ...]:
    """Scales a column that the model takes as it is."""
    data = project.data
    if not isinstance(data, TableData) or not any(one.name == name and one.scale == "none" for one in data.columns):
        return ()
    return (Fix(f"Scale column '{name}' to mean 0 and variance 1", (_with_columns(data, [name], scale="standard"),)),)


def _with_columns(data: TableData, names: list[str], **changed: str) -> UpdateData:
    columns = [column.model_dump(mode="json") | (changed if column.name in names else {}) for column in data.columns]
    return UpdateData(changes={"columns": columns})


def imbalance(evidence: Evidence) -> Finding | None:
    """One class is far more frequent, and the answers are hardly better than always naming it."""
    if not evidence.facts.classes or len(evidence.epochs) < FEWEST_EPOCHS:
        return None
    if not (evidence.skill("validation") < HARDLY_BETTER and evidence.skill("train") < HARDLY_BETTER):
        return None
    seen = evidence.judged("validation")
    saw = (
        f"Validation {seen.figure} is {said(seen.value)}, where always giving the same answer reaches {said(seen.idle)}"
    )
    return _rare(evidence, saw)


def neglected_class(evidence: Evidence) -> Finding | None:
    """The test rows of the rarest class are hardly ever recognized."""
    counts, classes = evidence.facts.class_counts, evidence.facts.classes
    if evidence.evaluation is None or len(counts) < 2:
        return None
    recalls = {row["name"]: row["recall"] for row in evidence.evaluation.get("per_class", ())}
    rare, usual = classes[int(np.argmin(counts))], classes[int(np.argmax(counts))]
    found, others = recalls.get(rare), recalls.get(usual)
    if found is None or others is None or found > NEGLECTED or others < KEPT:
        return None
    return _rare(evidence, f"Of the test rows of '{rare}' {share(found)} are recognized, of '{usual}' {share(others)}")


def _rare(evidence: Evidence, saw: str) -> Finding | None:
    """The finding, where classes differ in size and the loss could weigh them but does not."""
    counts, field = evidence.facts.class_counts, _weighting(evidence.loss)
    if len(counts) < 2 or max(counts) < RARE * max(1, min(counts)) or field is None:
        return None
    if getattr(evidence.loss, field) != "none":
        return None
    rare, usual = (evidence.facts.classes[int(pick(counts))] for pick in (np.argmin, np.argmax))
    sentence = f"{saw}: there are {max(counts) / max(1, min(counts)):.0f} rows of '{usual}' for each of '{rare}'."
    return Finding("imbalance", sentence, _balanced(evidence.present))


def _weighting(loss) -> str | None:
    """The field by which this loss weighs classes."""
    return next((name for name in ("class_weights", "pos_weight") if name in type(loss).model_fields), None)


def _balanced(project: Project) -> tuple[Fix, ...]:
    loss = project.training.loss
    field = _weighting(loss)
    if field is None:
        return ()
    weighted = loss.model_copy(update={field: "balanced"})
    return (Fix("Weigh the classes by how rare they are", (set_training(loss=weighted),)),)


def data_bound(evidence: Evidence) -> Finding | None:
    """Most of the time goes by before the inputs are there."""
    shares = [sample["data_share"] for sample in evidence.samples[1:] if sample.get("data_share") is not None]
    latest = shares[-max(FEWEST_SAMPLES, len(shares) // 2) :]
    if len(latest) < FEWEST_SAMPLES or not np.median(latest) > WAITING:
        return None
    waits = float(np.median(latest))
    sentence = f"{share(waits)} of the training time goes by waiting for inputs: they take longer to make ready than the model takes to learn from them."
    return Finding("data_bound", sentence, _quicker(evidence.present))


def _quicker(project: Project) -> tuple[Fix, ...]:
    data = project.data
    if not isinstance(data, ImageData):
        return ()
    fixes = []
    if data.augmentations:
        fixes.append(Fix("Leave the augmentations out", (UpdateData(changes={"augmentations": []}),)))
        if project.training.loaders == 0:
            fixes.append(Fix("Have loaders change the images ahead", (set_training(loaders=None),)))
    height, width = max(8, data.height // 2), max(8, data.width // 2)
    if (height, width) != (data.height, data.width):
        label = f"Shrink the images to {height} × {width} pixels"
        fixes.append(Fix(label, (UpdateData(changes={"height": height, "width": width}),)))
    return tuple(fixes)
