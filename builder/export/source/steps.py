"""Prints the optimizer and what each training step does with it, for one project."""

import inspect

from builder.catalogue import rates
from builder.catalogue.initializations import Filling
from builder.catalogue.printing import constructor
from builder.catalogue.regularization import EMA, SWA, GradientClipping, MaxNorm, Penalty, ValueClipping
from builder.export.source.computing import (
    backward_text,
    forward_lines,
    optimizer_lines,
    outputs_text,
    unscale_lines,
)
from builder.export.source.regularization import functions_used, mixed_loss_lines
from builder.nn.initialization import initialize
from builder.nn.limits import limit_norms
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

Rates = dict[int, float]
_WEIGHTS = "(w for w in model.parameters() if w.dim() > 1)"


def optimizer_text(training: TrainingSpec) -> str:
    """`torch.optim.AdamW(parameter_groups(model, 0.01), lr=0.001, …)`"""
    optimizer, text = training.optimizer, constructor(training.optimizer.torch_call())
    taken = {
        "parameters": "model.parameters()", "groups": f"parameter_groups(model, {getattr(optimizer, 'weight_decay', 0.0)!r})",
        "model": "model",
    }[optimizer.takes]  # fmt: skip
    return text.replace("(", f"({taken}, ", 1)


def rate_lines(training: TrainingSpec, changes: Rates) -> list[str]:
    """What gives a step its learning rate; nothing if that never changes."""
    scheduler, held = training.scheduler, _held_text(training, changes)
    lines = ["step += 1"] if counts_steps(training, changes) else []
    if scheduler.is_constant and not held and not changes:
        return lines
    rate = "lr" if changes else repr(training.optimizer.lr)
    if changes:
        swa = training.regularizer(SWA)
        held_too = [f"held = RATES.get(step, held) if epoch >= {swa.first_epoch(training.epochs)} else held"] if held else []  # fmt: skip
        lines = ["lr = RATES.get(step, lr)", *held_too, *lines]
    if not scheduler.is_constant:
        call, plateau = scheduler.schedule_call(), " * plateau.share" if scheduler.follows_figure else ""
        name, rate = call.name.rpartition(".")[2], f"{rate} * share"
        share = f"share = share_at(step, len(batches), EPOCHS, {scheduler.warmup!r}, {name}, {call.kwargs!r}){plateau}"
        lines = [share, *lines]
    return [*lines, "for group in optimizer.param_groups:", f'    group["lr"] = {rate}{held}']


def counts_steps(training: TrainingSpec, changes: Rates) -> bool:
    """Whether something follows from the number of the step."""
    return not training.scheduler.is_constant or bool(training.mixing) or bool(changes)


def rates_text(changes: Rates) -> str:
    """The rates that were set by hand, by the steps, from 0, that have them first."""
    if not changes:
        return ""
    return f"RATES = {changes!r}  # set by hand while it trained: the first step that has each, counted from 0\n"


def first_rates(training: TrainingSpec, changes: Rates) -> str:
    """What rates that are set by hand replace."""
    if not changes:
        return ""
    swa = training.regularizer(SWA)
    held = "" if swa is None or swa.lr is None else f"    held = {swa.lr!r}\n"
    return f"    lr = {training.optimizer.lr!r}\n{held}"


def _held_text(training: TrainingSpec, changes: Rates) -> str:
    swa = training.regularizer(SWA)
    if swa is None or swa.lr is None:
        return ""
    return f" if epoch < {swa.first_epoch(training.epochs)} else {'held' if changes else repr(swa.lr)}"


def rate_sources(training: TrainingSpec) -> str:
    """Source of the functions that `rate_lines` calls."""
    scheduler = training.scheduler
    used = [] if scheduler.is_constant else [rates.share_at, getattr(rates, scheduler.function)]
    used += [rates.PlateauShare] if scheduler.follows_figure else []
    return "\n\n\n".join(inspect.getsource(one).rstrip("\n") for one in used)


def model_text(training: TrainingSpec) -> str:
    """The model with its first weights."""
    if not isinstance(training.initialization, Filling):
        return "Model()"
    call = training.initialization.torch_call()
    return f"initialize(Model(), {constructor(call._replace(kwargs={}))[:-2]}, {call.kwargs!r}, {training.initialization.zero_bias!r})"


def own_functions(training: TrainingSpec) -> str:
    """Source of the functions of our own that change weights, as far as they are called."""
    used = [initialize] if isinstance(training.initialization, Filling) else []
    used += [limit_norms] if training.regularizer(MaxNorm) else []
    used += functions_used(training)
    return "\n\n\n".join(inspect.getsource(one).rstrip("\n") for one in used)


def takes_parts(project: Project, facts: DataFacts) -> bool:
    """Whether the gradients of several batches make one step."""
    return project.training.rows_per_step(facts.row_counts[0]) != project.training.batch_size


def step_rows_text(project: Project, facts: DataFacts) -> str:
    training = project.training
    if training.optimizer.is_full_batch:
        return "len(train_rows)"
    return f"BATCH_SIZE * {training.accumulation}" if takes_parts(project, facts) else "BATCH_SIZE"


def step_lines(project: Project, facts: DataFacts, inputs: str) -> list[str]:
    """What happens with `rows`; `inputs` computes what the first layer takes of them."""
    lines = _gradient_lines(project, facts, inputs)
    if not project.training.optimizer.takes_closure:
        limit = project.training.regularizer(MaxNorm)
        limits = [f"limit_norms(model, {limit.max_norm!r})"] if limit else []
        lines += [*optimizer_lines(project.training), *limits]
    else:
        lines = ["", "def closure():", *(f"    {line}" for line in lines), f"    return {_total(project.training)}", "", "optimizer.step(closure)"]  # fmt: skip
    return [*lines, *(["average.update()"] if project.training.regularizer(EMA) else [])]


def _gradient_lines(project: Project, facts: DataFacts, inputs: str) -> list[str]:
    lines = ["optimizer.zero_grad(set_to_none=True)"]
    if takes_parts(project, facts):
        dealt = "parts_of(rows, BATCH_SIZE)"
        lines += ["total = 0.0", f"for number, part in enumerate({dealt}):" if project.training.mixing else f"for part in {dealt}:"]  # fmt: skip
        lines += [f"    {line}" for line in _loss_lines(project.training, facts, inputs.replace("rows", "part"), "part", "number")]  # fmt: skip
        lines += [
            "    share = len(part) / len(rows)",
            f"    {backward_text(project.training, '(loss * share)')}",
            "    total += loss.item() * share",
        ]
    else:
        lines += [*_loss_lines(project.training, facts, inputs, "rows", "0"), backward_text(project.training, "loss")]
        lines += ["total = loss.item()"] if project.training.optimizer.takes_closure else []
    training = project.training
    return [*lines, *_penalty_lines(training), *unscale_lines(training), *_clipping_lines(training)]


def _loss_lines(training: TrainingSpec, facts: DataFacts, inputs: str, rows: str, part: str) -> list[str]:
    if training.mixing:
        return mixed_loss_lines(training, inputs, rows, part)
    gives_back = facts.task == "reconstruction"
    taken, target = ("x", "x") if gives_back else (inputs, f"targets[{rows}]")
    lines = [f"x = {inputs}"] if gives_back else []
    return [*lines, *forward_lines(training, taken), f"loss = criterion({outputs_text(training, taken)}, {target})"]


def _penalty_lines(training: TrainingSpec) -> list[str]:
    terms = [
        f"{factor!r} * sum(w.{norm}().sum() for w in {_WEIGHTS})"
        for penalty in training.regularization if isinstance(penalty, Penalty) for norm, factor in penalty.terms
    ]  # fmt: skip
    return [f"penalty = {' + '.join(terms)}", backward_text(training, "penalty")] if terms else []


def _clipping_lines(training: TrainingSpec) -> list[str]:
    by_norm, by_value = training.regularizer(GradientClipping), training.regularizer(ValueClipping)
    lines = [f"nn.utils.clip_grad_value_(model.parameters(), {by_value.clip_value!r})"] if by_value else []
    return [*lines, *([f"nn.utils.clip_grad_norm_(model.parameters(), {by_norm.max_norm!r})"] if by_norm else [])]


def _total(training: TrainingSpec) -> str:
    is_penalized = any(isinstance(item, Penalty) for item in training.regularization)
    return "total + penalty.item()" if is_penalized else "total"
