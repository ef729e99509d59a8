"""Findings about outages and events, each with an id that stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from darkdays.association.associate import Association
from darkdays.association.directions import Direction
from darkdays.association.family import hypothesis
from darkdays.claims import Verdict
from darkdays.correlate.crossover.stratified import Ratio, e_value, e_value_of_limit
from darkdays.correlate.shifts.shifts import ShiftTest
from darkdays.files.writing import rows_of
from darkdays.report.findings.formats import finding, rounded, written

RATIOS: Final = {
    "mantel_haenszel": "Mantel-Haenszel rate ratio, within strata",
    "poisson": "conditional Poisson",
    "logit": "conditional logit (odds)",
    "exact": "exact conditional",
    "crude": "crude, strata ignored",
}
"""Every ratio that is printed, by its name in findings."""


def of_associations(verdicts: Iterable[Verdict]) -> list[tuple[Verdict, Association]]:
    """Return the verdicts on rates, with what was computed for each."""
    return [(one, one.association) for one in verdicts if one.association is not None]


def association_findings(verdicts: Iterable[Verdict]) -> Iterator[dict[str, Any]]:
    """Go through the findings of every claim about rates, and of every curve."""
    listed = list(verdicts)
    for verdict in listed:
        if verdict.curve is not None:
            yield finding(
                f"claim.{verdict.claim.id}.specifications",
                rounded(verdict.holds / verdict.of),
                "share with the same verdict",
                n=verdict.of,
                count=verdict.holds,
                verdict=verdict.judgement.verdict,
            )
    for verdict, found in of_associations(listed):
        yield from _of_one(verdict.claim.id, found)


def _of_one(claim: str, found: Association) -> Iterator[dict[str, Any]]:
    for name, direction in found.tested.directions.items():
        yield from _of_direction(f"claim.{claim}.{name}", direction, found)
    for name, profile in found.profiles.items():
        for row in rows_of(profile.table):
            yield finding(
                f"claim.{claim}.lag.{name}.{row.lag:+d}",
                row.coincidences,
                "onsets",
                (rounded(row.low), rounded(row.high)),
                found.level,
                profile.outcomes,
                **written(row, "expected:f p:f ratio:f"),
                note="the interval is what chance gives at this lag; description, not a test",
            )
    for datasource, curve in found.epochs.items():
        yield finding(
            f"claim.{claim}.epochs.{datasource}.p_any",
            rounded(curve.p_any),
            "probability",
            n=curve.events,
            note="as large a deviation on any day around events, by chance; description, no test",
        )
    for control in found.controls:
        yield finding(
            f"claim.{claim}.control.{control.id}",
            rounded(control.p_value),
            "probability",
            n=control.n,
            **written(control, "effect=value:f effect_unit=unit smallest_p:f note=says"),
        )
    joint = found.curve.joint
    if joint is not None:
        yield finding(
            f"claim.{claim}.specifications.joint_p",
            rounded(joint.p_significant),
            "probability",
            n=joint.of,
            **written(joint, "significant expected:f stouffer:f stouffer_p=p_stouffer:f"),
        )


def _of_direction(name: str, direction: Direction, found: Association) -> Iterator[dict[str, Any]]:
    n = direction.analysis.crossover.onsets
    for kind in RATIOS:
        ratio = getattr(direction.analysis.crossover, kind)
        yield finding(
            f"{name}.ratio.{kind}",
            rounded(ratio.value),
            "ratio",
            (rounded(ratio.low), rounded(ratio.high)),
            found.level,
            n,
            **e_values(kind, ratio),
            note=ratio.reason or RATIOS[kind],
        )
    tests = {"p": direction.analysis.shifts, "p_weekly": direction.analysis.weekly}
    tests |= {"p_fewest": direction.fewest, "p_most": direction.most}
    for kind, test in tests.items():
        if test is not None:
            yield finding(
                f"{name}.{kind}", rounded(test.p_value), "probability", n=n,
                **_witnesses(test), quoted=test is direction.quoted,
            )  # fmt: skip
    own = hypothesis(found.claim.id, direction.name)
    for kind, family in (("q_bh", found.families.independent), ("q_by", found.families.dependent)):
        yield finding(
            f"{name}.{kind}", rounded(family.adjusted[own]), "probability",
            n=family.size, family=" ".join(family.hypotheses),
            note=direction.inconclusive or "of the quoted p in the family of the case",
        )  # fmt: skip
    detectable = direction.detectable
    why = detectable.reason if detectable else "there is no test"
    yield finding(
        f"{name}.detectable_ratio",
        rounded(detectable.ratio) if detectable else None,
        "ratio",
        n=n,
        power=detectable.power if detectable else None,
        note=why or "the least that is found so often",
    )


def e_values(kind: str, ratio: Ratio) -> dict[str, float | None]:
    """Return the E-values of an adjusted ratio; none of one that is not."""
    if kind == "crude":
        return {}
    return {
        "e_value": rounded(e_value(ratio.value) if ratio.value else None),
        "e_value_of_limit": rounded(e_value_of_limit(ratio)),
    }


def _witnesses(test: ShiftTest) -> dict[str, Any]:
    return {
        **written(test, "coincidences expected:f"),
        "shifts": test.combinations(),
        **written(test, "smallest_p:f p_fewer:f"),
    }
