"""How often heat passes for a cause: outages and protests that both follow a measured driver.

Run ``python benchmarks/drivers.py [--series 400] [--seed 1] [--save]`` from the project's root.
Every record is a case: 150 days in which outages begin, and people protest, the more
often the hotter it is, and neither knows of the other; its driver is read as a signal of the case,
and the verdict on the claim about rates is asked for. The same with the driver left out, and where
protests do bring outages. ``--save`` writes ``benchmarks/results/drivers.md``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from darkdays.association.associate import tested
from darkdays.association.description import lag_profiles
from darkdays.association.directions import OUTAGES_AFTER
from darkdays.association.negatives import negative_control_tests
from darkdays.case.case import Case
from darkdays.contracts.signals import Signal
from darkdays.correlate.crossover.primary import WINDOW
from made_up_evidence import BASE, HEADER, evidence, outage, protests

RESULTS = Path(__file__).parent / "results" / "drivers.md"
DAYS, LIMIT, ALPHA = 150, 0.055, 0.05
HEAT = "own.temperature"
COLUMNS = (
    "driver accounted for", "left out", "days before protests", "any lag",
    "days before, left out", "any lag, left out",
)  # fmt: skip
TRUTHS = {
    "neither knows of the other": (1.0, 0.04),
    "the same, outages every week": (1.0, 0.08),
    "protests bring outages, eightfold": (8.0, 0.04),
}
"""How many times as often outages begin within two days of a protest, and how often a day."""


def heat_of(rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the days' heat, waves of about a week in it, mean 0 and spread 1."""
    heat = np.zeros(DAYS)
    for day in range(1, DAYS):
        heat[day] = 0.85 * heat[day - 1] + rng.normal()
    return (heat - heat.mean()) / heat.std()


def case_of(*, driven: bool) -> Case:
    """Return the case of a record, with its driver or without."""
    return Case.model_validate(
        {
            "name": "summer", "title": "SIMULATED", "question": "Did protests bring outages?",
            "summary": "SIMULATED", "place": "IR", "time_zone": "Asia/Tehran",
            "window": {
                "start": BASE - pd.Timedelta(days=2), "end": BASE + pd.Timedelta(days=DAYS)
            },
            "entities": [{"id": "country/IR", "name": "Iran", "network": "country"}],
            "signals": [
                {"datasource": "ioda.bgp", "source": "published"},
                {"datasource": HEAT, "source": "csv", "options": {"unit": "K"}},
            ],
            "drivers": [{"datasource": HEAT}] if driven else [],
            "events": [{"source": "facts"}],
            "claims": [
                {"id": "c", "statement": "g", "origin": "g", "type": "rate_ratio",
                 "entity": "country/IR"}
            ],
        }
    )  # fmt: skip


def p_values(ratio: float, rate: float, rng: np.random.Generator) -> list[float]:
    """Return the p-values of a record, as the columns of the table have them."""
    heat = heat_of(rng)
    happened = np.flatnonzero(rng.random(DAYS) < np.minimum(0.05 * np.exp(0.8 * heat), 0.9))
    near = np.isin(np.arange(DAYS)[:, None] - np.arange(3), happened).any(axis=1)
    chance = rate * np.exp(0.8 * heat) * np.where(near, ratio, 1.0)
    down = np.flatnonzero(rng.random(DAYS) < np.minimum(chance, 0.95))
    rows = [outage("country/IR", 24.0 * day, lasts=2) for day in down]
    first = (BASE - pd.Timedelta(hours=15)).tz_localize(None)
    times = pd.date_range(first, periods=DAYS, freq="D")
    signal = Signal("country/IR", HEAT, pd.Timedelta(days=1), times, 300 + 5 * heat)
    found, beside = [], []
    for driven in (True, False):
        case = case_of(driven=driven)
        known = evidence(
            rows, events=HEADER + protests(happened), days=DAYS, case=case, drivers=(signal,)
        )
        both = tested(case.claims[0], known)
        p = None if both is None else both.main.p_value
        found.append(1.0 if p is None else p)
        if both is not None:
            profiles, _ = lag_profiles(both.calendar, level=1 - ALPHA)
            profile = profiles.get(OUTAGES_AFTER)
            beside += [
                negative_control_tests(
                    known, both.calendar, "protest", days_after=WINDOW, alpha=ALPHA
                )[0].p_value,
                None if profile is None else profile.p_any,
            ]
    return [*found, *(1.0 if one is None else one for one in beside or [None] * 4)]


def main() -> int:
    """Simulate, print, and fail where the driver passes for a cause too often."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    lines, missed = [f"| truth | {' | '.join(COLUMNS)} |", f"| --- {'| ---: ' * 6}|"], False
    for row, (truth, (ratio, rate)) in enumerate(TRUTHS.items()):
        found = np.array(
            [
                p_values(ratio, rate, np.random.default_rng([stated.seed, row, number]))
                for number in range(stated.series)
            ]
        )
        hits = (found <= ALPHA).sum(axis=0)
        cells = []
        for count in hits:
            low, high = stats.binomtest(int(count), stated.series).proportion_ci(method="exact")
            cells.append(f"{count / stated.series:.3f} ({low:.3f}-{high:.3f})")
        missed |= ratio == 1 and bool((hits[[0, 2, 3]] / stated.series > LIMIT).any())
        lines.append(f"| {truth} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    if stated.save:
        command = f"python benchmarks/drivers.py --series {stated.series} --seed {stated.seed}"
        text = "\n".join(lines)
        RESULTS.write_text(
            f"# A measured driver\n\n`{command} --save`\n\nSIMULATED records of {DAYS} days, each "
            "a case with a driver. Share of them in which the quoted p-value of the claim about "
            f"rates is at most {ALPHA}, and those of a negative control (the days before protests) "
            "and of the profile of lags beside it; in brackets the exact 95 % interval.\n\n"
            f"{text}\n",
            encoding="utf-8",
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
