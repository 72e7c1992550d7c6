"""The command line: `python -m builder COMMAND`.

Exit codes: 0 done, 1 the input is at fault (one sentence on stderr), 2 wrong usage, 3 our fault (with a log's place).
"""

import argparse
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from builder.commands import cluster, doctor, finding, projects, runs, steering
from builder.errors import BuilderError
from builder.home import home

DONE, INPUT_AT_FAULT, OUR_FAULT = 0, 1, 3


def main(words: list[str] | None = None) -> int:
    arguments = parse(words)
    # Threads that wait for each other asleep, not spinning: on a busy machine a step takes a tenth of the time.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    warnings.simplefilter("ignore")  # those of libraries say nothing that a user could mend
    try:
        log = home() / "errors.log"
    except OSError as error:
        return _refuse(
            f"Cannot keep anything in {error.filename}: {error.strerror}. Set STRATA_HOME to another folder."
        )
    try:
        code = arguments.command(arguments) or DONE
        sys.stdout.flush()
        return code
    except BuilderError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return _refuse("Stopped.")
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if isinstance(error, OSError) and _is_of_user(error, arguments):
            return _refuse(f"Cannot use {error.filename2 or error.filename}: {error.strerror}. Choose another path.")
        with log.open("a") as file:
            traceback.print_exc(file=file)
        print(f"Something of ours went wrong; the details are in {log}.", file=sys.stderr)
        return OUR_FAULT


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return INPUT_AT_FAULT


def _is_of_user(error: OSError, arguments: argparse.Namespace) -> bool:
    """Whether the file at fault is one that the command line names, or is to stand beside it."""
    given = [value.resolve() for value in vars(arguments).values() if isinstance(value, Path)]
    at_fault = Path(str(error.filename)).resolve()
    return any(at_fault == path or at_fault in path.parents or at_fault.parent == path.parent for path in given)


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m builder", description="Design, train and export neural networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_project_commands(commands)
    _add_run_commands(commands)
    return parser.parse_args(words)


def _add_project_commands(commands) -> None:
    _add(commands, "templates", projects.templates, "list the templates")
    new = _add(commands, "new", projects.new, "make a project from a template or from data")
    origin = new.add_mutually_exclusive_group(required=True)
    origin.add_argument("--template", metavar="NAME", help="one of the names that `templates` lists")
    origin.add_argument("--data", type=Path, metavar="FILE_OR_FOLDER", help="a table, or a zip or folder of images")
    new.add_argument("--target", metavar="COLUMN", help="the column to predict; found by itself if left out")
    new.add_argument(
        "--model", choices=("small", "balanced", "accurate"), help="which of the models proposed for the data"
    )
    new.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the project to write")
    importing = _add(commands, "import", projects.import_model, "put a model from ONNX, Keras or JSON into a project")
    importing.add_argument("model", type=Path, help="a file that ends in .onnx, .keras, .h5 or .json")
    importing.add_argument("--into", type=Path, required=True, metavar="PROJECT", help="the project whose layers it replaces")  # fmt: skip
    check = _add(commands, "check", projects.check, "show the layers, and every problem")
    check.add_argument("project", type=Path)
    check.add_argument("--fix", action="store_true", help="mend in the file what can be mended")
    measure = _add(commands, "measure", projects.measure, "train for a moment: memory, and time of an epoch")
    measure.add_argument("project", type=Path)
    find_lr = _add(commands, "find-lr", finding.find_lr, "find a learning rate by trial")
    find_lr.add_argument("project", type=Path)
    find_batch = _add(commands, "find-batch", finding.find_batch, "try batch sizes: speed, memory, what fits")
    find_batch.add_argument("project", type=Path)


def _add_run_commands(commands) -> None:
    train = _add(commands, "train", runs.train, "train a project")
    train.add_argument("project", type=Path)
    _add_scale(train)
    elsewhere = _add(commands, "cluster", cluster.show_cluster, "print how a run is started on several machines")
    elsewhere.add_argument("subject", metavar="RUN_OR_PROJECT", help="a project file, for which a run is prepared, or a run")  # fmt: skip
    elsewhere.add_argument("--nodes", type=int, default=2, metavar="N", help="machines")
    _add_scale(elsewhere)
    form = elsewhere.add_mutually_exclusive_group()
    for name, help in (
        ("torchrun", "a command for each machine"), ("slurm", "a script for sbatch"), ("ray", "a job for a Ray cluster"),
    ):  # fmt: skip
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=help)
    elsewhere.set_defaults(form="torchrun")
    _add(commands, "runs", runs.show_runs, "list the runs, newest first")
    _add_steering_commands(commands)
    examine = _add(commands, "doctor", doctor.examine, "say what ails a run, and what would help")
    examine.add_argument("run")
    examine.add_argument("--mend", type=Path, metavar="FILE", help="write its project with the first fix made")
    evaluate = _add(commands, "evaluate", runs.evaluate, "show how good a run's model is")
    evaluate.add_argument("run")
    evaluate.add_argument("--data", type=Path, metavar="FILE", help="other rows with the target; else the test split")
    export = _add(commands, "export", runs.export, "write a run's model as ONNX or as PyTorch")
    export.add_argument("run")
    form = export.add_mutually_exclusive_group(required=True)
    form.add_argument("--onnx", type=Path, metavar="FILE", help="ONNX that takes the raw data, with its certificate")
    form.add_argument("--source", type=Path, metavar="FILE", help="a stand-alone PyTorch training script")
    predict = _add(commands, "predict", runs.predict, "answer for new rows or images")
    predict.add_argument("run")
    predict.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="a table, or a zip or folder of images"
    )
    predict.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the CSV file to write")
    _add_json(train, examine, evaluate, export)


def _add_steering_commands(commands) -> None:
    for name, command, help in (
        ("stop", steering.stop, "ask a run to stop and keep its best weights"),
        ("pause", steering.pause, "ask a run to save where it stands and to end"),
        ("discard", steering.discard, "end a run if it trains, and keep its curves alone"),
        ("checkpoints", steering.show_checkpoints, "list the steps that a run can be forked at"),
    ):
        _add(commands, name, command, help).add_argument("run")
    lr = _add(commands, "set-lr", steering.set_lr, "give a run that trains another learning rate")
    lr.add_argument("run")
    lr.add_argument("lr", type=float, metavar="RATE")
    resume = _add(commands, "resume", steering.resume, "go on with a run that was paused, stopped or killed")
    longer = _add(commands, "continue", steering.continue_run, "train a run for more epochs, as a new run")
    longer.add_argument("--epochs", type=int, required=True, metavar="N", help="epochs to add")
    fork = _add(commands, "fork", steering.fork, "train on from a run's checkpoint with other settings, as a new run")
    fork.add_argument("--step", type=int, metavar="STEP", help="one that `checkpoints` lists; the newest if left out")
    fork.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="such as optimizer.lr=0.001 or epochs=80")  # fmt: skip
    for command in (resume, longer, fork):
        command.add_argument("run")
    _add_json(resume, longer, fork)


def _add_scale(command: argparse.ArgumentParser) -> None:
    command.add_argument("--processes", type=int, default=1, metavar="N", help="processes that train together, on each machine")  # fmt: skip
    command.add_argument("--fsdp", action="store_true", help="share the weights out too, for a model too large for one device")  # fmt: skip


def _add_json(*commands: argparse.ArgumentParser) -> None:
    for command in commands:
        command.add_argument("--json", action="store_true", help="print the result as one line of JSON")


def _add(
    commands, name: str, command: Callable[[argparse.Namespace], int | None], help: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    parser.set_defaults(command=command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
