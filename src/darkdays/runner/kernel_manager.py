"""Kernels for one run: where they come from, and the private folder they share.

They run the interpreter of this process (never another one that a kernel specification in
somebody's home folder points to), talk over Unix sockets (so they need no loopback interface),
keep no history and read no IPython start-up files.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from darkdays.errors import DarkdaysError
from darkdays.runner.fast_imports import without_iri_grammar
from darkdays.runner.kernels import Kernel, Nursery, NurseryError

with without_iri_grammar():
    from ipykernel.kernelspec import make_ipkernel_cmd
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.connect import KernelConnectionInfo
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

_LONGEST_FOLDER = 80  # a socket path may have 103 to 107 bytes, and two names come behind
_SECONDS_TO_END = 2.0
_NO_KERNEL = (
    "the kernel {} before it could run a cell: see whether `python -m ipykernel_launcher` "
    "starts in this environment, and re-install ipykernel if not."
)


@dataclass
class Room:
    """What the kernels of one run share.

    Attributes
    ----------
    folder
        A private folder for sockets and IPython's own files.
    nursery
        Where warm kernels come from; ordinary kernels where it is None.
    note
        Told once when the nursery fails and ordinary kernels are used instead.
    """

    folder: Path
    nursery: Nursery | None
    note: Callable[[str], None]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def manager(self) -> AsyncKernelManager:
        """Return the manager of a new kernel."""
        name = str(self.folder / str(next(self._numbers)))
        manager = _Manager(shutdown_wait_time=_SECONDS_TO_END)
        manager.room = self
        manager.connection_file = name + ".json"
        if sys.platform != "win32":
            manager.transport = "ipc"
            manager.ip = name
        return manager


@contextmanager
def room(nursery: Nursery | None, note: Callable[[str], None]) -> Iterator[Room]:
    """Open the private folder of a run's kernels, and remove it in the end."""
    base = tempfile.gettempdir()
    if len(base) > _LONGEST_FOLDER and sys.platform != "win32":
        base = "/tmp"  # noqa: S108 - the folder made in it is private
    with tempfile.TemporaryDirectory(prefix="dd-", dir=base, ignore_cleanup_errors=True) as name:
        yield Room(Path(name), nursery, note)


class _Client(AsyncKernelClient):
    """A client that is ready as soon as the kernel has answered on both channels.

    The original waits for 0.2 s of silence instead.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        end = time.monotonic() + (timeout or 60.0)
        while not await self._answers():
            if not await self.is_alive():
                raise DarkdaysError(_NO_KERNEL.format("ended"))
            if time.monotonic() > end:
                raise DarkdaysError(_NO_KERNEL.format("was not ready"))

    async def _answers(self) -> bool:
        request = self.kernel_info()

        def is_answer(message: dict[str, Any]) -> bool:
            return bool(message["parent_header"].get("msg_id") == request)

        try:
            while not is_answer(reply := await self.get_shell_msg(timeout=1)):
                pass
            while not is_answer(message := await self.get_iopub_msg(timeout=0.2)) or (
                message["content"].get("execution_state") != "idle"
            ):
                pass
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


class _Provisioner(LocalProvisioner):
    """Asks the nursery for the kernel process; starts an ordinary one where it cannot."""

    room: Room

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        nursery = self.room.nursery
        if nursery is not None:
            arguments = cmd[cmd.index("-m") + 2 :]
            try:
                kernel = nursery.spawn(
                    arguments,
                    cwd=kwargs["cwd"],
                    env=kwargs["env"],
                    scratch=str(self.room.folder),
                )
            except NurseryError as error:
                self.room.nursery = None
                self.room.note(f"note: no warm kernels ({error}); ordinary ones start more slowly.")
            else:
                self.process = kernel  # type: ignore[assignment]
                self.pid = self.pgid = kernel.pid
                self.cwd = kwargs["cwd"]
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def shutdown_requested(self, restart: bool = False) -> None:
        # A forked kernel ends within milliseconds; the manager would look every 100.
        process: object = self.process
        if isinstance(process, Kernel):
            await process.ended(_SECONDS_TO_END / 2)


class _Manager(AsyncKernelManager):
    room: Room

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(argv=make_ipkernel_cmd(), display_name="Python 3", language="python")

    def _client_factory_default(self) -> type:
        return _Client

    async def _async_interrupt_kernel(self) -> None:
        # An idle kernel that is asked to end, and interrupted too, complains on stderr.
        if not self.shutting_down:
            await super()._async_interrupt_kernel()

    async def _async_pre_start_kernel(self, **kw: Any) -> tuple[list[str], dict[str, Any]]:
        if self.provisioner is None:
            provisioner = _Provisioner(
                kernel_id=self.kernel_id or "", kernel_spec=self.kernel_spec, parent=self
            )
            provisioner.room = self.room
            self.provisioner = provisioner
        return await super()._async_pre_start_kernel(**kw)
