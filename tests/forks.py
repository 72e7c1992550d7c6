"""Runs Python programs as processes of their own that need not import torch and the like again: forks of one that did.

A fork takes its words, its folder and its environment as a new interpreter would; what it says and how it ends is its
own. Of ours nothing is imported before it starts but what the caller names.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

SLOW_IMPORTS = (
    "pandas", "pyarrow.parquet", "sklearn.datasets", "sqlalchemy.orm", "torch", "torch._dynamo", "torch.utils.data",
    "torchmetrics.classification", "torchmetrics.regression", "onnx", "onnxscript",
    "torch.onnx._internal.exporter._core", "safetensors.torch",
)  # fmt: skip
"""Not onnxruntime: it starts a thread, for which a fork would wait at its end."""
LIMIT_S = 240


def run_python(
    words: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None, *, imported: tuple[str, ...] = ()
) -> subprocess.CompletedProcess:
    """As `python WORDS` in this folder; the words begin with `-m MODULE` or with the path of a script.

    Raises: subprocess.TimeoutExpired
    """
    environment = dict(os.environ if environment is None else environment)
    with tempfile.TemporaryDirectory() as said:
        out, err = Path(said) / "out", Path(said) / "err"
        order = {"words": list(words), "folder": str(folder), "environment": environment, "out": str(out), "err": str(err)}  # fmt: skip
        server = _server(imported)
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        code = json.loads(server.stdout.readline())
        if code is None:
            raise subprocess.TimeoutExpired(list(words), LIMIT_S, out.read_bytes(), err.read_bytes())
        return subprocess.CompletedProcess(list(words), code, out.read_text("utf-8"), err.read_text("utf-8"))


@functools.cache
def _server(imported: tuple[str, ...]) -> subprocess.Popen:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STRATA_")}
    server = subprocess.Popen(
        [sys.executable, "-I", __file__, *imported],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip

    def end() -> None:
        server.communicate()

    atexit.register(end)
    return server


def _serve(imported: list[str]) -> None:
    """Until nobody can ask any more."""
    here = str(Path(__file__).parents[1])
    sys.path.insert(0, here)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in (*SLOW_IMPORTS, *imported):
            importlib.import_module(name)
    sys.path.remove(here)
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            _end(_code_said(_become, order))
        print(json.dumps(_code_of(child)), flush=True)


def _become(order: dict) -> None:
    """The program that is asked for, in this process."""
    for descriptor, path in enumerate((os.devnull, order["out"], order["err"])):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    first, *words = order["words"]
    here = [order["folder"], *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    if first == "-m":
        sys.path[:0] = here
        sys.argv = words
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    else:
        sys.path[:0] = [str(Path(first).resolve().parent), *here[1:]]
        sys.argv = [first, *words]
        runpy.run_path(first, run_name="__main__")


def _code_said(program: Callable[[dict], None], order: dict) -> int:
    """As an interpreter answers for what leaves the program."""
    try:
        program(order)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        print(ended.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _end(code: int) -> NoReturn:
    """Without taking all that was imported down piece by piece: that costs a second."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _code_of(child: int) -> int | None:
    """How it ends; None if it does not."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return None


if __name__ == "__main__":
    _serve(sys.argv[1:])
