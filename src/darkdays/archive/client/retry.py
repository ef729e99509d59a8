"""How long to wait and how often to ask again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from darkdays.archive.client.faults import Fault

T = TypeVar("T")


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
    longest_asked_wait
        Longest that a service's ``Retry-After`` is waited for.
    """

    silence: float = 60.0
    total: float = 900.0
    tries: int = 5
    first_wait: float = 1.0
    longest_wait: float = 60.0
    longest_asked_wait: float = 300.0


DEFAULT_LIMITS: Final = Limits()


def ask_patiently(
    ask: Callable[..., T],
    url: str,
    *,
    limits: Limits,
    sleep: Callable[[float], object],
    rng: random.Random,
    tell: Callable[[str], None],
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
            if number == limits.tries:
                problem = f"{fault.problem}, in each of {number} tries"
                of_service = fault.of_service
                raise Fault(problem, fault.remedy, of_service=of_service, tried=True) from None
            wait = min(limits.longest_wait, limits.first_wait * 2 ** (number - 1))
            wait *= 0.5 + rng.random()
            asked = min(fault.wait or 0.0, limits.longest_asked_wait)
            tell(f"{fault.problem}; again in {max(wait, asked):.0f} s")
            sleep(max(wait, asked))
    raise AssertionError("unreachable: the last try returns or raises")
