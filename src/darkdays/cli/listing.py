"""The cases there are, with what each needs and what its last report says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import Service
from darkdays.case import case as cases
from darkdays.case.case import Case
from darkdays.contracts.verdict_words import CONTRADICTED, INCONCLUSIVE, SUPPORTED, UNTESTED
from darkdays.errors import InputError
from darkdays.fetch.plan import services_of
from darkdays.files import bounded, paths
from darkdays.report.version.version import versions
from darkdays.sources import countries

_ORDER: Final = (SUPPORTED, CONTRADICTED, INCONCLUSIVE, UNTESTED)
_MOST_PLACES: Final = 4
_LARGEST: Final = 256 * 2**20
_DATES: Final = "%Y-%m-%d"


@dataclass(frozen=True)
class Listed:
    """A case as it is listed.

    Attributes
    ----------
    name, title, question
        As the file of the case says them.
    start, end
        First and last day of the window (UTC).
    places
        What is studied, by the names people use; controls, neighbours and donors left out.
    embedded
        Whether something of it is in the repository and needs no network.
    fetched
        Services that are asked, by name.
    accounts
        Those of them that need an account or a token.
    own_files
        What only a person's own file can give: names for ``--file NAME=PATH``.
    version
        Of the last report, None before the first.
    readable
        Whether that can be read.
    verdicts
        Claim and verdict, in the order of the case; from the last report, or None for a claim that
        it does not know.
    """

    name: str
    title: str
    question: str
    start: str
    end: str
    places: tuple[str, ...]
    embedded: bool
    fetched: tuple[str, ...]
    accounts: tuple[str, ...]
    own_files: tuple[str, ...]
    version: str | None
    readable: bool
    verdicts: tuple[tuple[str, str | None], ...]

    @property
    def needs(self) -> str:
        """What the case needs, in a few words."""
        if not (self.fetched or self.own_files):
            return "nothing: its data are here"
        free = [name for name in self.fetched if name not in self.accounts]
        parts = [f"network: {', '.join(free)}"] if free else []
        parts += [f"account: {', '.join(self.accounts)}"] if self.accounts else []
        parts += [f"a file of your own: --file {name}=PATH" for name in self.own_files]
        return "; ".join([*parts, *(["some data are here"] if self.embedded else [])])

    @property
    def answered(self) -> int:
        """How many claims have another verdict than that there are no data."""
        return sum(verdict not in {None, "untested"} for _, verdict in self.verdicts)

    @property
    def outcome(self) -> str:
        """How many claims came to which verdict in the last report."""
        if self.version is None:
            return "no report yet"
        if not self.readable:
            return f"report {self.version} cannot be read"
        counts = Counter(verdict for _, verdict in self.verdicts)
        told = [f"{counts[name]} {name}" for name in _ORDER if counts[name]]
        return ", ".join([*told, *([f"{counts[None]} new"] if counts[None] else [])])

    @property
    def where(self) -> str:
        """The places in a few words."""
        more = len(self.places) - _MOST_PLACES
        shown = self.places if more < 2 else self.places[:_MOST_PLACES]
        return ", ".join(shown) + (f" and {more} more" if more > 1 else "")

    def document(self) -> dict[str, Any]:
        """Return everything as JSON has it."""
        alike = {k: v for k, v in asdict(self).items() if k not in ("name", "version", "verdicts")}
        return {
            "case": self.name,
            **alike,
            "latest_report": self.version,
            "claims": [{"id": claim, "verdict": verdict} for claim, verdict in self.verdicts],
        }


def listed_cases(reports: Path | None = None) -> list[Listed]:
    """Return every case: those with most answers first, then by name.

    Parameters
    ----------
    reports
        Folder of reports; that of the project if not given.

    Raises
    ------
    InputError
        If a case file is not valid.
    """
    folder = paths.reports() if reports is None else reports
    found = [listed(cases.load(name), folder) for name in cases.known()]
    return sorted(found, key=lambda one: -one.answered)


def listed(case: Case, reports: Path) -> Listed:
    """Return a case with what it needs and what its last report in a folder says."""
    services = services_of(case)
    asked = [one for one in services.values() if one.base_url]
    found = versions(reports / case.name)
    said = _verdicts(reports / case.name / found[-1]) if found else {}
    known = said or {}
    last = case.window.end - pd.Timedelta(seconds=1)
    sources = {one.source for one in case.signals} | {one.source for one in case.tables}
    return Listed(
        name=case.name,
        title=case.title,
        question=case.question,
        start=f"{case.window.start:{_DATES}}",
        end=f"{last:{_DATES}}",
        places=_places(case),
        embedded="published" in sources,
        fetched=_names(asked),
        accounts=_names(one for one in asked if one.credential is not None),
        own_files=_names(one for one in services.values() if not one.base_url),
        version=found[-1] if found else None,
        readable=said is not None,
        verdicts=tuple((claim.id, known.get(claim.id)) for claim in case.claims),
    )


def _verdicts(report: Path) -> dict[str, str] | None:
    try:
        claims = bounded.json_of(bounded.bytes_of(report / "findings.json", _LARGEST))["claims"]
        return {str(claim["id"]): str(claim["verdict"]) for claim in claims}
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return None  # it stops no other from being listed; `verify` says what is wrong with it


def _places(case: Case) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(entity.name for entity in case.entities))
    everywhere = "every country" if case.place == "world" else case.place
    return named or (countries.NAMES.get(everywhere, everywhere),)


def _names(services: Iterable[Service]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in services))
