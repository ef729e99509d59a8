"""Replies for every block, one fetch after the other: no service is asked by two at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from darkdays.archive.client.step import Step
from darkdays.case.case import Case
from darkdays.errors import InputError
from darkdays.fetch.fetch import Held, fetch_case, held
from darkdays.fetch.plan import services_of
from darkdays.sweep.plan.work import Block
from darkdays.sweep.running.progress import Tally


@dataclass(frozen=True)
class Asking:
    """How services are asked.

    Attributes
    ----------
    base_urls, files
        ``NAME=URL`` and ``NAME=PATH``, as for ``darkdays fetch``.
    offline
        Never ask: files, and what was fetched before.
    fresh
        Ask everything again.
    """

    base_urls: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    offline: bool = False
    fresh: bool = False

    def check(self, blocks: Iterable[Block]) -> None:
        """Refuse what is stated about a service that no block asks.

        Raises
        ------
        InputError
            If there is such a service.
        """
        known = {name for block in blocks for name in _services(block)}
        for text in (*self.base_urls, *self.files):
            name = text.partition("=")[0]
            if name not in known:
                names = ", ".join(sorted(known)) or "none"
                raise InputError(f"no study of the sweep asks {name!r}; the services are {names}.")

    def of(self, case: Case) -> tuple[list[str], list[str]]:
        """Return the base URLs and files that are stated about services of a case."""
        names = set(services_of(case))
        urls, given = (
            [text for text in stated if text.partition("=")[0] in names]
            for stated in (self.base_urls, self.files)
        )
        return urls, given


def gathered(
    blocks: Sequence[Block], asking: Asking, tally: Tally
) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """Go through the blocks, each with the snapshot of its replies, and what is missing there.

    A block is asked for unless the newest complete snapshot of its name that holds all it asks for
    holds nothing else: its grid may have grown or shrunk since, or be another of the same name.
    """
    before = (0, 0)
    for block in blocks:
        if not _services(block):
            yield block, ()
            continue
        urls, given = asking.of(block.case)
        there = Held() if given or asking.fresh else held(block.case)
        if there.exact:
            yield replace(block, snapshot=there.snapshot), ()
            continue
        last: list[Step] = []

        def told(step: Step, last: list[Step] = last, so_far: tuple[int, int] = before) -> None:
            last[:] = [step]
            tally.asked(step, so_far)

        outcome = fetch_case(
            block.case, since=there.snapshot, base_urls=urls, files=given, progress=told,
            fresh=asking.fresh, offline=asking.offline,
        )  # fmt: skip
        if last:
            before = before[0] + last[0].known, before[1] + last[0].done
        yield replace(block, snapshot=outcome.snapshot), outcome.failures


def _services(block: Block) -> set[str]:
    return set() if block.numbers else set(services_of(block.case))
