"""Carries out asks in the worker: one at a time, each in a warm process of its own that may take so long and so much."""

import multiprocessing
import os
import signal

from builder.runs import ask_queue

LIMIT_S = 120
_TOO_LONG = f"This took longer than {LIMIT_S} seconds and was ended. Make the model or the batch size smaller."
_KILLED = "The process at work was killed, most likely for want of memory. Make the model or the batch size smaller."


class AskDesk:
    """Looked at by the worker in every round; asks take no slot from the runs."""

    def __init__(self, context: multiprocessing.context.BaseContext):
        self._context = context
        self._key, self._child = "", None
        ask_queue.reconcile()  # of a worker or a machine that is gone

    @property
    def is_busy(self) -> bool:
        return self._child is not None

    def look(self) -> None:
        """Ends what its child left unanswered, and starts the next."""
        if self._child is not None and not self._child.is_alive():
            ask_queue.fail(self._key, _TOO_LONG if self._child.exitcode == -signal.SIGALRM else _KILLED)
            ask_queue.clean()
            self._child = None
        if self._child is None and (ask := ask_queue.claim()):
            self._key, self._child = ask.key, self._context.Process(target=carry_out_ask, args=(ask.key,))
            self._child.start()


def carry_out_ask(key: str) -> None:
    """Answers a claimed ask in this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setsid()  # a group of its own, so that it can be ended with all it started
    signal.alarm(LIMIT_S)  # ends this process whatever it is doing
    from builder.training.asks import answer_ask  # torch: only in an ask's own process

    ask = ask_queue.adopt(key)
    if ask is not None:
        answer_ask(ask)
