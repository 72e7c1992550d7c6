"""The part of the script that trains: the same loop, written out for one project."""

import inspect

from builder.catalogue.printing import constructor
from builder.catalogue.regularization import EarlyStopping
from builder.catalogue.task import NUMBERS
from builder.export.source.computing import (
    back,
    budget_parts,
    computing_settings,
    in_order,
    names_device,
    scaler_line,
    there,
)
from builder.export.source.regularization import averaging_text, keeping_text, mixing_text, patience_text
from builder.export.source.steps import (
    Rates,
    counts_steps,
    first_rates,
    model_text,
    optimizer_text,
    own_functions,
    rate_lines,
    rate_sources,
    rates_text,
    step_lines,
    step_rows_text,
)
from builder.imports.weights import INITIAL_WEIGHTS
from builder.nn.batches import epoch_batches, epoch_order, parts_of
from builder.nn.initial_weights import start_from
from builder.nn.whole import metric_call
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

_ARGUMENTS = '''
def data_path():
    """From the command line; ends with a sentence if there is nothing at that place."""
    parser = argparse.ArgumentParser(description="Trains the same model as Strata did and writes its weights to model.pt.")
    parser.add_argument("data", nargs="?", default=DATA, help="the data, as it was given to Strata; by default %(default)s")
    path = parser.parse_args().data
    if not Path(path).exists():
        parser.error(f"there is no {path!r}; say where the data lies")
    return path
'''

_LOOP = '''
def main():
    torch.set_flush_denormal(True)
    torch.set_num_threads({threads})  # another number may round differently
    {load}
    train_rows, validation_rows, test_rows = parts
    torch.manual_seed(SEED)
    model = {model}{channels_last}{initial_weights}{model_there}
    criterion = {loss}
    optimizer = {optimizer}{scaler}
    best, kept_epoch, kept_state{waiting_start} = None, 0, None{waiting_zero}
{averaged}{plateau}{budget_start}    for epoch in range(1, EPOCHS + 1):
        model.train()
        {batches}for rows in {dealt}:
            {budget_step}{step}
{budget_before}        {averaging}figures = evaluate({judged}, criterion, inputs, {targets}validation_rows)
        figure = figures[{best_by!r}]
        print(f"epoch {{epoch}}: validation {best_by} {{figure:.4f}}")
        {keeping}        {told}{budget_after}{patience}
    model.load_state_dict(kept_state)
    torch.save(kept_state, "model.pt")
    figures = evaluate(model, criterion, inputs, {targets}test_rows)
    print("wrote the {kept} weights to model.pt")
    print(f"{kept} epoch {{kept_epoch}}; test: " + ", ".join(f"{{name}} {{value:.4f}}" for name, value in figures.items()))


def evaluate(model, criterion, inputs, {targets}rows):
    """Loss and metrics in evaluation mode."""
    model.eval()
    with torch.no_grad():
        outputs = torch.cat([model(inputs(part)) for part in rows.split({evaluation_batch})])
        figures = {{"loss": criterion(outputs, {held_out}).item()}}
        answers, truth = {answers}
        for name, metric in METRICS.items():
            metric.reset()
            figure = metric(answers, truth)
            if figure.dim():  # one for each class: the mean over those that have rows
                present = truth.unique()
                figure = figure[present].mean() if len(present) > 1 else torch.tensor(float("nan"))
            figures[name] = figure.item()
    return figures


if __name__ == "__main__":
    main()
'''


def training_part(project: Project, facts: DataFacts, preprocessing, *, changes: Rates, threads: int, is_image: bool, evaluation_batch: int) -> str:  # fmt: skip
    """Settings, batches, metrics and `main`; `changes` are learning rates that were set by hand."""
    training, task = project.training, facts.task
    settings = f"SEED = {training.seed}\nEPOCHS = {training.epochs}\nBATCH_SIZE = {training.batch_size}\n"
    settings += computing_settings(training) + rates_text(changes)
    ways = mixing_text(training)
    metrics = "".join(
        f"    {metric.kind!r}: {constructor(metric.torch_call(task, len(facts.classes)))},\n"
        for metric in training.metrics
    )
    stopping, averaging = training.regularizer(EarlyStopping), averaging_text(training)
    loop = _LOOP.format(
        threads=threads, load=_load(training, task, is_image, _augments(project)),
        model=model_text(training), channels_last=".to(memory_format=torch.channels_last)" if is_image and training.lays_channels_last else "",
        initial_weights=_START if project.model.weights else "",
        model_there="\n    model.to(DEVICE)" if names_device(training) else "", scaler=scaler_line(training), **budget_parts(training),
        loss=constructor(training.loss.torch_call(facts)) + there(training), optimizer=optimizer_text(training),
        step=_indented(rate_lines(training, changes) + step_lines(project, facts, "training_inputs(rows, epoch)" if _augments(project) else "inputs(rows)")),
        targets="" if task == "reconstruction" else "targets, ", held_out=_HELD_OUT.get(task, "targets[rows]"),
        best_by=training.best_by, **_schedule_parts(training, f"epoch_batches(train_rows, {step_rows_text(project, facts)}, SEED, epoch)", changes),
        averaged=averaging.before, averaging=averaging.after_epoch, judged=averaging.judged, keeping=keeping_text(training),
        kept="best" if training.keeps_best else "last", evaluation_batch=evaluation_batch,
        waiting_start=", bar, waited" if stopping else "", waiting_zero=", None, 0" if stopping else "",
        patience=patience_text(training), answers=_answers(project, task, preprocessing),
    )  # fmt: skip
    answer = f"ANSWER = {constructor(metric_call(training.loss, preprocessing, task))}\n"
    pieces = [
        f"{settings}\nMETRICS = {{\n{metrics}}}\n\n{answer}",
        inspect.getsource(parts_of),
        inspect.getsource(epoch_order),
        inspect.getsource(epoch_batches),
        _ARGUMENTS,
        loop,
    ]
    if functions := own_functions(training):
        pieces.insert(1, f"{functions}\n\n\n{ways}" if ways else functions)
    if not training.scheduler.is_constant:
        pieces.insert(1, rate_sources(training))
    if project.model.weights:
        pieces.insert(2, inspect.getsource(start_from))
    return "\n\n\n".join(piece.strip("\n") for piece in pieces) + "\n"


_START = f"\n    start_from(model, str(Path(__file__).with_name({INITIAL_WEIGHTS!r})))"
_HELD_OUT = {"reconstruction": "inputs(rows)"}
"""What the answers for rows in evaluation are compared with, where it is not a target of its own."""


def _targets_line(training: TrainingSpec, task: str) -> str:
    if task == "reconstruction":
        return ""
    as_column = training.loss.takes_column and task != "regression"
    return f"\n    targets = classes{'.float().unsqueeze(1)' if as_column else ''}{there(training)}"


def _schedule_parts(training: TrainingSpec, dealt: str, changes: Rates) -> dict[str, str]:
    """What stands before, between and after the epochs for a learning rate that changes."""
    before = "    step = 0\n" if counts_steps(training, changes) else ""
    parts = {"batches": "", "dealt": dealt, "plateau": before + first_rates(training, changes), "told": ""}
    if training.scheduler.is_constant:
        return parts
    parts |= {"batches": f"batches = {dealt}\n        ", "dealt": "batches"}
    if training.scheduler.follows_figure:
        call = training.scheduler.share_call(training.is_higher_better(training.best_by))
        parts["plateau"] += f"    plateau = {constructor(call)}\n"
        parts["told"] = "plateau.tell(figure)\n        "
    return parts


def _indented(lines: list[str]) -> str:
    """As the body of the loop over batches."""
    return "\n".join(f"            {line}" if line else "" for line in lines).strip()


def _load(training: TrainingSpec, task: str, is_image: bool, augments: bool) -> str:
    targets, to_device = _targets_line(training, task), there(training)
    if is_image:
        order = in_order(training)
        changed = f"\n    def training_inputs(rows, epoch):\n        return normalize(augmented(pixels, rows, epoch){to_device}){order}\n"
        return (
            f"pixels, classes, parts = load(data_path()){targets}\n    normalize = input_module(){to_device}.normalize\n\n"
            f"    def inputs(rows):\n        return normalize(pixels[rows]{to_device}.float()){order}\n{changed if augments else ''}"
        )  # fmt: skip
    return (
        f"numbers, ids, classes, parts = load(data_path()){targets}\n"
        f"    encoded = table_input()(numbers, ids){to_device}\n\n    def inputs(rows):\n        return encoded[rows]\n"
    )


def _augments(project: Project) -> bool:
    return bool(getattr(project.data, "augmentations", ()))


def _answers(project: Project, task: str, preprocessing) -> str:
    home = back(project.training)
    if task in NUMBERS:
        truth = (
            f"{_HELD_OUT[task]}{home}"
            if task in _HELD_OUT
            else f"(targets[rows]{home}.double() * TARGET_SCALE + TARGET_SHIFT)"
        )
        return ", ".join(f"{values}.flatten(1).squeeze(1).double()" for values in (f"ANSWER(outputs{home})", truth))
    truth = f"targets[rows]{home}" + (".squeeze(1).long()" if project.training.loss.takes_column else "")
    return f"ANSWER(outputs{home}){'[:, 1]' if task == 'binary' else ''}, {truth}"
