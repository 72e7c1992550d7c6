"""Prints what mixes rows, averages weights, picks the epoch that is kept and ends a training early, for one project."""

from typing import NamedTuple

from builder.catalogue.regularization import EMA, SWA, EarlyStopping
from builder.export.source.computing import copied, forward_lines, outputs_text
from builder.nn import averaging, mixing
from builder.spec.training import TrainingSpec


def functions_used(training: TrainingSpec) -> list:
    """Those of our own that the lines below call."""
    ways = [getattr(mixing, item.function) for item in training.mixing]
    used = [*ways, mixing.mix] if ways else []
    return used + ([averaging._numbers, averaging.MovingAverage] if training.regularizer(EMA) else [])


def mixing_text(training: TrainingSpec) -> str:
    """`WAYS_TO_MIX = [(mixup, 0.2)]`"""
    ways = ", ".join(f"({item.function}, {item.alpha!r})" for item in training.mixing)
    return f"WAYS_TO_MIX = [{ways}]" if ways else ""


def mixed_loss_lines(training: TrainingSpec, inputs: str, rows: str, part: str) -> list[str]:
    return [
        f"x, partners, own = mix({inputs}, WAYS_TO_MIX, (SEED, step, {part}))",
        *forward_lines(training, "x"),
        f"outputs, truth = {outputs_text(training, 'x')}, targets[{rows}]",
        "loss = own * criterion(outputs, truth) + (1 - own) * criterion(outputs, truth[partners])",
    ]


class AveragingText(NamedTuple):
    """What stands before the epochs and at the end of each; `judged` is what is validated."""

    before: str = ""
    after_epoch: str = ""
    judged: str = "model"


def averaging_text(training: TrainingSpec) -> AveragingText:
    ema, swa = training.regularizer(EMA), training.regularizer(SWA)
    if ema is not None:
        before = f"    average = MovingAverage(model, decay={ema.decay!r}, warm_up={ema.warm_up!r})\n"
        return AveragingText(before, judged="average.module")
    if swa is None:
        return AveragingText()
    first = swa.first_epoch(training.epochs)
    before = "    average, judged = torch.optim.swa_utils.AveragedModel(model), model\n"
    after = f"""if epoch == {first}:  # from here on averages are judged, and compared with each other alone
            best, kept_state, judged = None, None, average.module{_WAIT_ANEW if training.regularizer(EarlyStopping) else ""}
        if epoch >= {first}:
            average.update_parameters(model)
            dealt = epoch_batches(train_rows, BATCH_SIZE, SEED, 0)
            torch.optim.swa_utils.update_bn((inputs(rows) for rows in dealt), judged)
        """
    return AveragingText(before, after, "judged")


_WAIT_ANEW = "\n            bar, waited = None, 0"


def keeping_text(training: TrainingSpec) -> str:
    """Which epoch's weights are kept."""
    state = (
        f"{{name: tensor{copied(training)} for name, tensor in {averaging_text(training).judged}.state_dict().items()}}"
    )
    if not training.keeps_best:
        return f"kept_epoch, kept_state = epoch, {state}\n"
    better = ">" if training.is_higher_better(training.best_by) else "<"
    return f"""improves = figure == figure and (best is None or best != best or figure {better} best)
        if kept_state is None or improves:
            best, kept_epoch = figure, epoch
            kept_state = {state}
"""


def patience_text(training: TrainingSpec) -> str:
    """When the training ends early."""
    stopping = training.regularizer(EarlyStopping)
    if stopping is None:
        return ""
    figure, first = stopping.metric or training.best_by, training.first_judged_epoch
    gain = "watched - bar" if training.is_higher_better(figure) else "bar - watched"
    return f"""watched = figures[{figure!r}]
        if watched == watched and (bar is None or {gain} > {stopping.min_delta!r}):
            bar, waited = watched, 0
        else:
            waited += 1
        if {f"epoch >= {first} and " if first > 1 else ""}waited >= {stopping.patience}:
            break"""
