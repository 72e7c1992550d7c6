"""A process that carries out small orders beside the training, and ends when the training does, however that ends.

It is a fork of the training process, so it starts at once and sees all that was loaded; it must not call torch, whose
threads a fork does not have.
"""

import gc
import os
import signal
import struct
from collections.abc import Callable, Sequence

from builder.errors import RunError

Work = Callable[[int, int, int, int], None]
"""Takes the four whole numbers of an order."""
_ORDER = struct.Struct("<4q")
_DONE, _FAILED = b"\0", b"!"
_WAY_OUT = "Resume the run; if it happens again, set its loaders to 0."


class LoaderProcess:
    """Carries out its orders one after the other."""

    def __init__(self, work: Work, siblings: Sequence["LoaderProcess"]):
        """`siblings` are those that were started before."""
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            # Held open here, they would keep a sibling, or this one, from noticing that the training is gone.
            for mine in (*siblings, self):
                mine.hang_up()
            _serve(work, orders, answers)
        os.close(orders)
        os.close(answers)

    def order(self, *numbers: int) -> None:
        try:
            os.write(self._orders, _ORDER.pack(*numbers))
        except BrokenPipeError:
            """It is gone, which `wait` tells."""

    def wait(self) -> None:
        """Until the oldest order that was not waited for is done. Raises: RunError if it never will be."""
        answer = os.read(self._answers, 1)
        if answer == _FAILED:
            told = b"".join(iter(lambda: os.read(self._answers, 4096), b"")).decode(errors="replace")
            raise RunError(f"A loader could not make training images ready: {told}. {_WAY_OUT}")
        if answer != _DONE:
            raise RunError(f"A loader process ended while it made training images ready{self._cause()}. {_WAY_OUT}")

    def _cause(self) -> str:
        status = os.waitpid(self.pid, 0)[1]
        self.pid = 0
        killed = os.WIFSIGNALED(status)
        return f" (killed by {signal.Signals(os.WTERMSIG(status)).name})" if killed else ""

    def hang_up(self) -> None:
        os.close(self._orders)
        os.close(self._answers)

    def end(self) -> None:
        """At once: whatever it does is no longer needed."""
        self.hang_up()
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _serve(work: Work, orders: int, answers: int) -> None:
    """Until nobody can order any more; never returns."""
    try:
        for asked in (signal.SIGINT, signal.SIGTERM):  # meant for the training, which then ends this one
            signal.signal(asked, signal.SIG_IGN)
        gc.disable()  # looking through everything there is would copy it
        while order := os.read(orders, _ORDER.size):
            work(*_ORDER.unpack(order))
            os.write(answers, _DONE)
    except BrokenPipeError:
        """The training is gone."""
    except Exception as error:
        os.write(answers, _FAILED + f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(0)
