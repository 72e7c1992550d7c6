"""Ends a process of a run as soon as another is gone or out of reach, so that torchrun begins anew without it.

A process that was killed closes its connections, which the others feel at once. A link that drops closes nothing: then
nobody hears of the others any more, whatever they may be busy with.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from torch.distributed import DistError, TCPStore

LOST_S = 15.0
BEAT_S, LOOK_S = 1.0, 0.5
_DONE = "done"


class Liveness:
    """Tells the others every second that this process lives, and looks whether they do."""

    def __init__(self, rank: int, size: int, beat: Callable[[], None]):
        """`beat` is called as often."""
        self._rank, self._others, self._beat = rank, [other for other in range(size) if other != rank], beat
        self._parent, self._is_over = os.getppid(), threading.Event()
        now = time.monotonic()
        self._heard: dict[int, tuple[str, float]] = dict.fromkeys(self._others, ("", now))
        for work in (self._tell, self._watch):
            threading.Thread(target=work, daemon=True).start()

    def end(self) -> None:
        """From now on nobody waits for this process, and it waits for none; its parent's end is its own still."""
        self._is_over.set()

    def _tell(self) -> None:
        # A connection of its own: that of the process group is busy while it waits.
        place = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
        try:
            store = TCPStore(*place, is_master=False, wait_for_workers=False, timeout=timedelta(seconds=LOST_S))
            while not self._is_over.wait(BEAT_S):
                store.set(_key(self._rank), f"{os.getpid()} {time.monotonic()}")
                self._beat()
                self._listen(store)
            store.set(_key(self._rank), _DONE)
        except (DistError, RuntimeError):  # out of reach: nobody is heard of from now on
            return

    def _listen(self, store: TCPStore) -> None:
        for other in self._others:
            said = store.get(_key(other)).decode()
            if said == _DONE:
                self._others = [still for still in self._others if still != other]
                self._heard.pop(other)
            elif said != self._heard[other][0]:
                self._heard[other] = said, time.monotonic()

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_S)
            if os.getppid() != self._parent:  # torchrun was killed and cannot end its processes
                os.kill(os.getpid(), signal.SIGKILL)
            lost = [other for other, (_, at) in list(self._heard.items()) if time.monotonic() - at > LOST_S]
            if lost and not self._is_over.is_set():
                print(f"Process {lost[0]} was not heard of for {LOST_S:g} s; training begins anew without it.", file=sys.stderr, flush=True)  # fmt: skip
                os._exit(1)


def _key(rank: int) -> str:
    return f"strata/alive/{rank}"
