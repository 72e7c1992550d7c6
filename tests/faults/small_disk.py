"""Gives a process a small disk of its own, seen by nobody else, and fills it."""

import ctypes
import errno
import os
from pathlib import Path

_NEW_MOUNTS, _NEW_USERS = 0x0002_0000, 0x1000_0000
_PRIVATE, _RECURSIVE = 1 << 18, 1 << 14
_libc = ctypes.CDLL(None, use_errno=True)


def can_mount() -> bool:
    """Tried in a fork, as it cannot be undone."""
    child = os.fork()
    if not child:
        try:
            _enter_own_mounts()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def mount_small(folder: Path, size_bytes: int) -> None:
    """From here on this process, and those that it starts, have a file system of this size at the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _enter_own_mounts()
    _mount(b"tmpfs", folder, b"tmpfs", 0, f"size={size_bytes}".encode())


def _enter_own_mounts() -> None:
    user, group = os.getuid(), os.getgid()
    if user:
        _check(_libc.unshare(_NEW_MOUNTS | _NEW_USERS))
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            Path("/proc/self", name).write_text(text)
    else:
        _check(_libc.unshare(_NEW_MOUNTS))
    _mount(None, Path("/"), None, _PRIVATE | _RECURSIVE, None)


def _mount(source: bytes | None, target: Path, kind: bytes | None, flags: int, data: bytes | None) -> None:
    _check(_libc.mount(source, os.fsencode(target), kind, ctypes.c_ulong(flags), data))


def _check(answer: int) -> None:
    if answer:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def fill(folder: Path, but_bytes: int = 0) -> Path:
    """A file that leaves so much room on its disk, to the page; to be deleted when there shall be room again."""
    ballast = folder / "ballast"
    state = os.statvfs(folder)
    with open(ballast, "ab", buffering=0) as file:
        file.write(bytes(max(0, state.f_bavail * state.f_frsize - but_bytes)))
        while not but_bytes:
            try:
                file.write(bytes(4096))
            except OSError as error:
                assert error.errno == errno.ENOSPC
                break
    return ballast
