"""Brings the processes that torchrun started for a run together."""

import fcntl
import os
import socket
import struct
from collections.abc import Callable
from datetime import timedelta

import torch
import torch.distributed as dist

from builder.check.report import check
from builder.data.dataset import prepare
from builder.errors import RunError
from builder.runs.folder import RunFolder
from builder.runs.memory import free_bytes
from builder.runs.scale import scale_of
from builder.runs.torchrun import ENVIRONMENT
from builder.training.devices import CPU, device_of, free_on
from builder.training.liveness import Liveness
from builder.training.ranks import Ranks, bytes_needed, processes_here

PATIENCE = timedelta(hours=2)
"""For a process that is busy: with data of its first time, with a large checkpoint. One that is gone is noticed by
`liveness` within seconds."""
_GET_ADDRESS = 0x8915


def join(folder: RunFolder, beat: Callable[[], None]) -> tuple[Ranks, Liveness]:
    """`beat` is called every second while the run is trained. Raises: RunError if a process would have no device."""
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True":
        settings = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
        raise RunError(f"Start torchrun with {settings} in its environment: it could not begin anew otherwise.")
    device = _own_device(folder)
    _name_interface()
    dist.init_process_group("gloo" if device == CPU else "cpu:gloo,cuda:nccl", timeout=PATIENCE)
    rank, size = dist.get_rank(), dist.get_world_size()
    liveness = Liveness(rank, size, beat if rank == 0 else lambda: None)
    told = torch.tensor([float(_shards(folder, size, device) if rank == 0 else 0)])
    dist.broadcast(told, 0)
    if told.item():
        from builder.training.shards import Shards  # takes seconds to import

        return Shards(device), liveness
    return Ranks(device), liveness


def _own_device(folder: RunFolder) -> torch.device:
    device = device_of(folder.project.training)
    if device == CPU:
        return device
    place, cards = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
    if processes_here() > cards:
        raise RunError(
            f"{processes_here()} processes need a card each, and this machine has {cards}. Take {cards} processes on it, "
            "or set the device to cpu."
        )
    torch.cuda.set_device(place)
    return torch.device("cuda", place)


def _shards(folder: RunFolder, size: int, device: torch.device) -> bool:
    """Whether the model is shared out: as it was asked for, or as it does not fit otherwise."""
    scale, project = scale_of(folder), folder.project
    if scale.shards or size == 1 or project.training.largest_batch:
        return scale.shards
    report = check(project, prepare(project.data).facts)
    free = free_bytes() if device == CPU else free_on(device)
    return free is not None and bytes_needed(report, size, device) > free


def _name_interface() -> None:
    """The network over which this node reaches the first: the name of a host often stands for another one, or for none."""
    address = _address_towards(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
    for _, name in socket.if_nameindex():
        if _address_of(name) == address:
            for library in ("GLOO", "NCCL"):
                os.environ.setdefault(f"{library}_SOCKET_IFNAME", name)


def _address_towards(host: str, port: int) -> str | None:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect((host, port))  # sends nothing
            return sender.getsockname()[0]
    except OSError:  # torch finds its way by itself, or says why not
        return None


def _address_of(interface: str) -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            answer = fcntl.ioctl(asking, _GET_ADDRESS, struct.pack("256s", interface.encode()[:15]))
        except OSError:  # it has none, or this is no Linux
            return None
    return socket.inet_ntoa(answer[20:24])
