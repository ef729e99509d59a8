"""Studies of lists of labels, and the claims about what comes out of them.

A study reads whole lists, of every country, and not the events of one place: shutdowns that people
listed (``stop``), outages that people checked (``ioda-curated``), protests (``mass-mobilization``).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from darkdays.case.parts import ClaimPart, Part


class MatchingRule(Part):
    """When an outage of one list is a shutdown of the other; the defaults are as published."""

    days_before: int = Field(default=1, ge=0)
    """An outage begins at most so many days before a first day,"""
    days_after: int = Field(default=2, ge=1)
    """or within so many days from a first day on,"""
    days_after_end: int = Field(default=1, ge=0)
    """or within so many days from a last day on."""
    ordered_causes: tuple[str, ...] = ("Government-Ordered", "Exams")
    """Causes that need no other list."""


class _Study(Part):
    lists: ClassVar[tuple[str, ...]] = ()

    def check(self, place: str, start: date) -> None:
        """Refuse a study that its case leaves nothing to look at."""


class LabelledOutages(_Study):
    """The curated outages, told apart as shutdowns and outages and counted."""

    lists: ClassVar[tuple[str, ...]] = ("stop", "ioda-curated")
    type: Literal["labelled_outages"]
    rule: MatchingRule = MatchingRule()


class ProtestRates(_Study):
    """Whether shutdowns and outages begin on days of protest more often than on other days."""

    lists: ClassVar[tuple[str, ...]] = ("stop", "ioda-curated", "mass-mobilization")
    type: Literal["protest_rates"]
    rule: MatchingRule = MatchingRule()
    last: date
    """Last day the list of protests covers."""
    longest_protest_days: int = Field(default=60, ge=1)
    """Most days a protest counts for."""
    quiet_days: int = Field(default=7, ge=1)
    """Days between two beginnings beyond which an episode ends."""
    draws: int = Field(default=2000, ge=100)
    """Draws of countries for intervals."""
    seed: int = Field(default=1, ge=0)
    """Of the draws."""

    def check(self, place: str, start: date) -> None:
        """Refuse a list of protests that ends before the window begins."""
        if self.last < start:
            raise ValueError("the list of protests ends before the window starts; change last")


class ShutdownClassifier(_Study):
    """How well shutdowns can be told from outages in countries that were not learned from."""

    lists: ClassVar[tuple[str, ...]] = ("stop", "ioda-curated")
    type: Literal["shutdown_classifier"]
    rule: MatchingRule = MatchingRule()
    draws: int = Field(default=1000, ge=100)
    """Draws of countries for intervals."""
    seed: int = Field(default=1, ge=0)
    """Of the draws."""


class WeekdayShutdowns(_Study):
    """On how many of a place's Fridays, or another weekday, it was cut off."""

    lists: ClassVar[tuple[str, ...]] = ("stop",)
    type: Literal["weekday_shutdowns"]
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    first: date
    """First day looked at."""
    last: date
    """Last day looked at."""
    areas: tuple[str, ...] = Field(min_length=1)
    """Spellings of the place in the list."""
    seed: int = Field(default=1, ge=0)
    """Of the test against signals."""

    @model_validator(mode="after")
    def _in_order(self) -> WeekdayShutdowns:
        if self.last < self.first:
            raise ValueError("the last day comes before the first; swap them")
        return self

    def check(self, place: str, start: date) -> None:
        """Refuse a weekday of everywhere."""
        if place == "world":
            raise ValueError("a weekday is one place's; name a country as place")


Study = Annotated[
    LabelledOutages | ProtestRates | ShutdownClassifier | WeekdayShutdowns,
    Field(discriminator="type"),
]


class PublishedFigures(ClaimPart):
    """Numbers somebody published come out again."""

    type: Literal["published_figures"]
    figures: dict[str, float] = Field(min_length=1)
    """Published value by the name of the finding."""
    tolerance: float = Field(default=0, ge=0)
    """Largest difference that rounding in print explains."""


class FindingAbove(ClaimPart):
    """A finding is above a threshold, its interval included."""

    type: Literal["finding_above"]
    finding: str = Field(min_length=1)
    """Name of the finding."""
    above: float
    """Threshold."""


StudyClaim = PublishedFigures | FindingAbove
