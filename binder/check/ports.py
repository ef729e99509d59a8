"""Run a command that can connect to some TCP ports only: ``python ports.py 80,443 COMMAND ...``.

mybinder lets sessions connect to a few ports. Landlock, a part of Linux since 6.7, lets anybody
take such a right from a process and all it starts, without being root. Connections to this
machine are no exception, so this is the stricter rule.
"""

from __future__ import annotations

import ctypes
import os
import sys

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same numbers on every processor
_VERSION = 1  # the flag that asks what the kernel can do
_CONNECT_TCP = 1 << 1
_RULE_NET_PORT = 2
_NO_NEW_PRIVILEGES = 38  # of prctl
_SINCE = 4  # the version of Landlock that knows ports


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64))


class _Port(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


def _call(number: int, *arguments: object) -> int:
    result: int = ctypes.CDLL(None, use_errno=True).syscall(number, *arguments)
    return result


def is_possible() -> bool:
    """Tell whether this system can limit ports."""
    return sys.platform == "linux" and _call(_CREATE, None, 0, _VERSION) >= _SINCE


def keep_only(ports: list[int]) -> None:
    """Take from this process the right to connect to any other TCP port.

    Raises
    ------
    OSError
        If the system refuses.
    """
    rules = _Ruleset(0, _CONNECT_TCP)
    ruleset = _call(_CREATE, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    _check(ruleset)
    for port in ports:
        one = _Port(_CONNECT_TCP, port)
        _check(_call(_ADD, ruleset, _RULE_NET_PORT, ctypes.byref(one), 0))
    _check(ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _check(_call(_RESTRICT, ruleset, 0))
    os.close(ruleset)


def _check(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    keep_only([int(port) for port in sys.argv[1].split(",")])
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the command is the caller's
