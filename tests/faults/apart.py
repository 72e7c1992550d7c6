"""Does things in forks of the test's own process, which have everything imported: what they break, they break alone."""

import contextlib
import importlib
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import pytest
import torch

import builder.export.finish
from builder.runs.processes import descendants
from builder.runs.worker_lock import serving_pid
from builder.training import session, trial, worker
from tests.waiting import wait_until

for _slow in (
    "torch._dynamo",
    "pyarrow.parquet",
    "sklearn.datasets",
    "sklearn.metrics",
):  # every fork would import them
    importlib.import_module(_slow)

FORK = multiprocessing.get_context("fork")
LIMIT_S = 120


def apart(job: Callable[..., None], *arguments) -> None:
    """What the job raises there fails the test here."""
    ours, theirs = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_tell, args=(theirs, job, *arguments))
    process.start()
    theirs.close()
    try:
        said = ours.recv() if ours.poll(LIMIT_S) else f"It was not done within {LIMIT_S} s."
    except EOFError:
        process.join()
        said = f"Its process ended with exit code {process.exitcode}."
    process.kill()
    process.join()
    if said:
        pytest.fail(said, pytrace=False)


def _on_one_thread() -> None:
    """A fork has none of the threads that another test may have started, and would wait for them."""
    torch.set_num_threads(1)
    session.thread_count = trial.thread_count = lambda work: 1


def _tell(answer: Connection, job: Callable[..., None], *arguments) -> None:
    _on_one_thread()
    try:
        job(*arguments)
    except BaseException:
        answer.send(traceback.format_exc())
        os._exit(1)
    answer.send("")
    os._exit(0)


@contextmanager
def serving(workers: int = 1, *, exports: bool = False, prepare: Callable[[], None] | None = None) -> Iterator[list[BaseProcess]]:  # fmt: skip
    """Workers of this home, whose runs are forks of theirs; `prepare` is done in each before it begins."""
    processes = [FORK.Process(target=_serve, args=(workers > 1, exports, prepare)) for _ in range(workers)]
    for process in processes:
        process.start()
    try:
        wait_until(serving_pid, lambda pid: pid is not None)
        yield processes
    finally:
        for process in processes:
            started = descendants(process.pid)
            process.kill()
            process.join()
            for pid in started:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _serve(several: bool, exports: bool, prepare: Callable[[], None] | None) -> None:
    _on_one_thread()
    worker.multiprocessing = _Forking()
    if several:  # as if they were on machines of their own, where no lock keeps the second out
        worker.WorkerLock.acquire = _acquired(worker.WorkerLock.acquire)
    if not exports:
        builder.export.finish.export_run = lambda store, run: None
    if prepare is not None:
        prepare()
    worker.serve()


def _acquired(acquire):
    def acquire_or_not(lock) -> bool:
        acquire(lock)
        return True

    return acquire_or_not


class _Forking:
    """In place of `multiprocessing`: the worker's fork server would import torch anew."""

    process = multiprocessing.process

    @staticmethod
    def get_context(name: str):
        return FORK
