"""How long to wait and how often to ask again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from darkdays.archive.client.faults import ANOTHER_WAY, Fault

T = TypeVar("T")
# A year. What asks for more means no time to come back: a date without an end, or a wrong clock.
_FAR: Final = 366 * 86_400.0


@dataclass(frozen=True)
class Limits:
    """How long to wait and how often to try; all times in seconds.

    Attributes
    ----------
    silence
        Longest without a byte, and longest to connect.
    total
        Longest for one try of one reply, however steadily it drips.
    tries
        Most, the first included.
    first_wait, longest_wait
        Of the exponential back-off between tries; jitter makes it 0.5 to 1.5 times as long.
    patience
        Longest that a service's ``Retry-After``, or its quota, is waited for; where it takes
        longer the service is left alone.
    """

    silence: float = 60.0
    total: float = 900.0
    tries: int = 5
    first_wait: float = 1.0
    longest_wait: float = 60.0
    patience: float = 600.0


DEFAULT_LIMITS: Final = Limits()


def ask_patiently(
    ask: Callable[..., T],
    url: str,
    *,
    limits: Limits,
    sleep: Callable[[float], object],
    rng: random.Random,
    tell: Callable[[str], None],
    now: Callable[[], datetime],
    **how: Any,
) -> T:
    """Ask, and ask again while what goes wrong may pass.

    Parameters
    ----------
    ask, url, how
        What asks, and what it takes.
    limits
        Of tries and waits.
    sleep
        Waits for so many seconds.
    rng
        Of the jitter.
    tell
        Is told why there is a wait.
    now
        The clock.

    Raises
    ------
    Fault
        The last one, or the first that will not pass.
    """
    for number in range(1, limits.tries + 1):
        try:
            return ask(url, **how)
        except Fault as fault:
            if not fault.passing:
                raise
            asked = fault.wait or 0.0
            if asked > min(limits.patience, _FAR):
                raise _later(fault, asked, now()) from None
            if number == limits.tries:
                problem = fault.problem
                if number > 1:
                    problem += f", in each of {number} tries"
                of_service = fault.of_service
                status = fault.status
                raise Fault(
                    problem, fault.remedy, of_service=of_service, tried=True, status=status
                ) from None
            wait = min(limits.longest_wait, limits.first_wait * 2 ** (number - 1))
            wait *= 0.5 + rng.random()
            tell(f"{fault.problem}; again in {max(wait, asked):.0f} s")
            sleep(max(wait, asked))
    raise AssertionError("unreachable: the last try returns or raises")


def _later(fault: Fault, asked: float, now: datetime) -> Fault:
    """Return the failure of a service that is to be left alone until a moment it names."""
    if asked > _FAR:
        return Fault(
            f"{fault.problem}; it asks to be left alone for more than a year",
            f"fetch again tomorrow, when it may say otherwise, or {ANOTHER_WAY}",
            of_service=True,
            status=fault.status,
        )
    until = (now.astimezone(UTC) + timedelta(seconds=asked)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Fault(
        f"{fault.problem}; it asks to be left alone until {until}",
        f"come back after {until}, and the fetch goes on from here, or let it wait with "
        f"--wait {asked // 60 + 1:.0f}m",
        of_service=True,
        status=fault.status,
    )
