"""Two nodes on one machine: network namespaces with a cable between them that can be pulled."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builder.runs import torchrun
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.scale import scale_of

MISSING = (
    "The tests of several nodes need the command ip and the right to make network namespaces: apt-get install -y iproute2, "
    "as root; in a container start it with --cap-add=NET_ADMIN --cap-add=SYS_ADMIN."
)
ADDRESSES = ("10.201.77.1", "10.201.77.2")


class Node:
    def __init__(self, place: int):
        self.name, self.address, self.is_first = f"strata{os.getpid()}-{place}", ADDRESSES[place], place == 0
        self._started: list[subprocess.Popen] = []

    def start(self, run: Run, log: Path) -> subprocess.Popen:
        """What `python -m builder cluster` prints for this node, with its address, which no name leads to."""
        folder = RunFolder(run.folder)
        words = torchrun.on_node(folder, scale_of(folder), ADDRESSES[0], is_first=self.is_first, address=self.address)
        with open(log, "ab") as output:
            started = subprocess.Popen(
                ["ip", "netns", "exec", self.name, *words],
                cwd=torchrun.root(), env=os.environ | torchrun.ENVIRONMENT, stdout=output, stderr=output,
            )  # fmt: skip
        self._started.append(started)
        return started

    def kill(self) -> None:
        """Everything on it, at once."""
        pids = subprocess.run(
            ["ip", "netns", "pids", self.name], capture_output=True, text=True, check=False
        ).stdout.split()
        if pids:
            subprocess.run(["kill", "-9", *pids], check=False)
        for process in self._started:
            process.wait(10)

    def cable(self, state: str) -> None:
        """Up or down."""
        _ip("-n", self.name, "link", "set", "cable", state)


@contextmanager
def two_nodes() -> Iterator[tuple[Node, Node]]:
    nodes = Node(0), Node(1)
    try:
        for node in nodes:
            _ip("netns", "add", node.name)
        first, second = nodes
        _ip("link", "add", "cable", "netns", first.name, "type", "veth", "peer", "name", "cable", "netns", second.name)
        for node in nodes:
            _ip("-n", node.name, "addr", "add", f"{node.address}/24", "dev", "cable")
            _ip("-n", node.name, "link", "set", "lo", "up")
            node.cable("up")
        yield nodes
    finally:
        for node in nodes:
            if shutil.which("ip"):
                node.kill()
                subprocess.run(["ip", "netns", "del", node.name], check=False)


def _ip(*words: str) -> None:
    if not shutil.which("ip"):
        raise AssertionError(MISSING)
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{MISSING} It said: {done.stderr.strip()}"


def install_ip() -> None:
    """Where that needs no password."""
    if not shutil.which("ip") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "-qq", "install", "-y", "iproute2"], check=False)


if __name__ == "__main__":
    install_ip()
    sys.exit(None if shutil.which("ip") else MISSING)
