"""The words that start a run on several processes, under torchrun."""

import sys
from pathlib import Path

import builder
from builder.runs.folder import RunFolder
from builder.runs.scale import Scale

RESTARTS = 10
"""Times that the processes are started anew, from the last checkpoint, before torchrun gives up."""
PORT = 29400
# A node that is gone is given up after 9 s, and 5 s later the others go on without it.
RENDEZVOUS = {"last_call_timeout": 5, "keep_alive_interval": 3, "keep_alive_max_attempt": 3}

# Shared over restarts, its store still names the processes that are gone: those that come wait for them in vain.
ENVIRONMENT = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}


def here(folder: RunFolder, scale: Scale) -> list[str]:
    """On this machine alone."""
    return [*_torchrun("--standalone", "--local-addr=127.0.0.1", *_sizes(scale)), *worker(folder)]


def on_node(
    folder: RunFolder, scale: Scale, host: str, *, is_first: bool | None = None, address: str | None = None
) -> list[str]:
    """On one of several machines, which meet at `host`: by itself the names of the machines tell which of them that is, and
    lead to each of them; else `address` does."""
    settings = RENDEZVOUS if is_first is None else RENDEZVOUS | {"is_host": int(is_first)}
    meeting = [
        "--rdzv-backend=c10d", f"--rdzv-endpoint={host}:{PORT}", f"--rdzv-id={folder.path.name}",
        "--rdzv-conf=" + ",".join(f"{name}={value}" for name, value in settings.items()),
    ]  # fmt: skip
    if address is not None:
        meeting.append(f"--local-addr={address}")
    return [*_torchrun(*_sizes(scale), *meeting), *worker(folder)]


def worker(folder: RunFolder) -> list[str]:
    return ["-m", "builder.training.worker", str(folder.path)]


def root() -> Path:
    """Where the program is started."""
    return Path(builder.__file__).parent.parent


def _torchrun(*words: str) -> list[str]:
    return [sys.executable, "-m", "torch.distributed.run", *words]


def _sizes(scale: Scale) -> tuple[str, ...]:
    nodes = "1" if scale.nodes == 1 else f"1:{scale.nodes}"
    return f"--nnodes={nodes}", f"--nproc-per-node={scale.processes}", f"--max-restarts={RESTARTS}"
