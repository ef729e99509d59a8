"""A sweep under way: which tasks can start, which are done, which are lost."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError
from darkdays.sweep.plan.blocks import blocks_of
from darkdays.sweep.plan.cluster import killed, threads
from darkdays.sweep.plan.studies import Study
from darkdays.sweep.plan.work import Batch, Block, Family, Question, Settings
from darkdays.sweep.running.progress import Tally
from darkdays.sweep.running.state import Piece, Standing
from darkdays.sweep.tasks import tasks

IN_FLIGHT: Final = 64
"""Tasks handed to the scheduler at once for each of its threads."""
_TRIES: Final = 3
"""How often a task is handed out that takes down all the workers it is given to."""
_LOOK: Final = 0.5
_WATCH: Final = 5.0
"""Seconds from one look at the workers to the next."""

_FUNCTIONS: Final[dict[type, Callable[..., Any]]] = {
    Block: tasks.store_block,
    Batch: tasks.judge_batch,
    Family: tasks.combine_study,
    Question: tasks.answer_question,
}
_COUNTED: Final = {Block: "signals", Batch: "entities", Family: "studies", Question: "claims"}


@dataclass(frozen=True)
class Job:
    """A piece to be worked on, with how often it was tried."""

    piece: Piece
    tries: int = 0


class Sweep:
    """Hands out tasks until every study is done, or lost.

    Parameters
    ----------
    client
        Of the cluster, as :func:`darkdays.sweep.plan.cluster.connected` gives it.
    studies, settings
        What to do.
    out
        Folder of the sweep, seen alike by all workers.
    tally
        Is told how far it has come.
    """

    def __init__(
        self, client: Any, studies: Iterable[Study], settings: Settings, out: Path, tally: Tally
    ) -> None:
        self._client, self._settings, self._out, self._tally = client, settings, out, tally
        self.studies = {study.name: Standing(study, settings) for study in studies}
        self._events: queue.Queue[Any] = queue.Queue()
        self._ready: deque[Job] = deque()
        self._flying: dict[str, tuple[Job, Any]] = {}
        self._awaited = 0
        self._watched = -_WATCH

    def blocks(self) -> list[Block]:
        """Return the blocks to store, in order, before anything was fetched."""
        found = []
        for one in self.studies.values():
            mine = blocks_of(one.study, self._settings.engine)
            one.blocks = len(mine)
            found += mine
        self._awaited = len(found)
        self._tally.know("signals", len(found))
        return found

    def give(self, block: Block, complaints: Iterable[str] = ()) -> None:
        """Hand in a block whose replies are all there; called from any thread."""
        self._events.put((block, tuple(complaints)))

    def stop(self, error: BaseException) -> None:
        """End the sweep with an error; called from any thread."""
        self._events.put(error)

    def run(self) -> None:
        """Go on until nothing is left to do.

        Raises
        ------
        DarkdaysError
            If the scheduler goes away for good, or a worker runs other code.
        """
        try:
            while self._awaited or self._ready or self._flying:
                self._watch()
                self._hand_out()
                self._take_in()
        finally:
            for _, future in self._flying.values():
                future.cancel()

    def _watch(self) -> None:
        """Look now and then whether anybody is there to work, and say so if not."""
        if time.monotonic() - self._watched < _WATCH:
            return
        self._watched = time.monotonic()
        is_heard = self._client.status == "running"
        if is_heard and threads(self._client):
            self._tally.wait("")
        else:
            what = "no workers at" if is_heard else "no answer from"
            self._tally.wait(f"{what} {self._client.scheduler.address}; waiting")

    def _hand_out(self) -> None:
        if not self._ready or self._client.status != "running":
            return
        room = IN_FLIGHT * max(threads(self._client), 1) - len(self._flying)
        for _ in range(min(room, len(self._ready))):
            job = self._ready.popleft()
            name = f"{type(job.piece).__name__.lower()}-{job.piece.key[:20]}-{job.tries}"
            do = _FUNCTIONS[type(job.piece)]
            future = self._client.submit(do, job.piece, str(self._out), key=name, pure=False)
            self._flying[name] = (job, future)
            future.add_done_callback(self._events.put)

    def _take_in(self) -> None:
        try:
            event = self._events.get(timeout=_LOOK)
        except queue.Empty:
            self._tally.tell()
            if self._client.status in ("closed", "closing"):
                raise DarkdaysError(
                    "the scheduler has gone away; what was finished stays: start it, and give the "
                    "same command again to go on."
                ) from None
            return
        if isinstance(event, BaseException):
            raise event
        if isinstance(event, tuple):
            block, complaints = event
            self._awaited -= 1
            self.studies[block.study].given(block, complaints)
            self._ready.append(Job(block))
        elif event.key in self._flying:
            self._ended(*self._flying.pop(event.key))
        self._tally.tell()

    def _ended(self, job: Job, future: Any) -> None:
        one = self.studies[job.piece.study]
        if future.status == "cancelled":
            # The scheduler forgot it; should it come back, it is told again.
            self._ready.append(job)
            return
        if future.status == "finished":
            self._done(one, job.piece, future.result())
        elif not self._tried_again(one, job, future.exception()):
            one.lose(job.piece, self._reason(future.exception()))
            self._tally.lose()
        else:
            return
        count = len(job.piece.entities) if isinstance(job.piece, Batch) else 1
        self._tally.did(_COUNTED[type(job.piece)], count)
        if (family := one.ready()) is not None:
            self._next([family])
            self._tally.know("studies", 1)

    def _done(self, one: Standing, piece: Piece, result: Any) -> None:
        if isinstance(piece, Block):
            self._next(one.stored(piece, result, self._out))
            self._tally.know("entities", len(result.entities))
        elif isinstance(piece, Batch):
            one.done.append(piece)
            self._tally.fail(result)
        elif isinstance(piece, Family):
            self._tally.empty += one.is_empty
            questions = one.ask(piece)
            self._next(questions)
            self._tally.know("claims", len(questions))

    def _next(self, pieces: Iterable[Piece]) -> None:
        """Put pieces in front: what is nearly finished comes before what is not begun."""
        self._ready.extendleft(reversed([Job(piece) for piece in pieces]))

    def _tried_again(self, one: Standing, job: Job, error: BaseException) -> bool:
        """Whether a task that failed is put back, whole or in parts."""
        if isinstance(error, tasks.OtherEngineError):
            raise error
        if not killed(error):
            return False
        if isinstance(job.piece, Batch) and len(job.piece.entities) > 1:
            self._ready.extend(Job(piece) for piece in one.split(job.piece))
            return True
        if job.tries + 1 < _TRIES:
            self._ready.append(replace(job, tries=job.tries + 1))
            return True
        return False

    def _reason(self, error: BaseException) -> str:
        if killed(error):
            return "every worker that took it on died; give workers more memory, and sweep again"
        said = str(error).splitlines()[0] if str(error) else ""
        if isinstance(error, OSError) and error.strerror:
            said = f"{error.strerror}; mend that, and sweep again"
        elif not isinstance(error, DarkdaysError):
            said = f"{type(error).__name__}: {said}"
        return said.replace(f"{self._out}/", "")
