"""The command line of published reports: check, compare, measure, hand on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from darkdays.cli.fetch import JsonOption, print_json
from darkdays.errors import InputError
from darkdays.files import paths
from darkdays.files.bounded import real

if TYPE_CHECKING:
    from darkdays.review.verify.verification import Verification

_MOST = 40

SignOption = Annotated[
    Path | None, typer.Option("--sign", metavar="KEY", help="Sign with this SSH key.")
]
TrustOption = Annotated[
    list[str] | None,
    typer.Option("--trust", metavar="REF", help="A branch or tag whose code may run, too."),
]
SignersOption = Annotated[
    Path | None,
    typer.Option(
        "--signers", metavar="FILE", help="Whom you trust (ssh-keygen's allowed_signers)."
    ),
]


def verify(
    report: Annotated[
        Path | None,
        typer.Argument(
            metavar="REPORT", help="A version, such as reports/iran-2019/1.0.0, or FILE.zip."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Check every version, a line each.")] = False,
    digests_only: Annotated[
        bool, typer.Option("--digests", help="Compare digests only; do not run it again.")
    ] = False,
    attest: Annotated[
        str, typer.Option("--attest", metavar="NAME", help="Put on record who checked it.")
    ] = "",
    sign: SignOption = None,
    trust: TrustOption = None,
    signers: SignersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a report again from what it pins, offline, and compare everything in it."""
    if every == (report is not None):
        raise InputError("give a version such as reports/iran-2019/1.0.0, or --all.")
    if attest and (every or digests_only):
        raise InputError("--attest is of one report that was run again; name it, and run it.")
    if sign and not attest:
        raise InputError("--sign is of a record: give --attest NAME with it.")
    from darkdays.review.verify.verify import verify_all

    execute, found, trusted = not digests_only, [], trust or ()
    if report is None:
        for one in verify_all(
            paths.reports(), paths.snapshots(), execute=execute, trusted=trusted, tell=_tell
        ):
            found.append(one)
            if not as_json:
                _line(one.line)
    else:
        found.append(_check(report, trusted, signers, execute=execute))
        if attest:
            from darkdays.review.attest import attest as put_on_record

            put_on_record(real(report), found[0], attest, key=sign)
        if not as_json:
            _print(found[0])
    if as_json:
        documents = [one.document() for one in found]
        print_json(documents if every else documents[0])
    # What differs weighs more than what is missing.
    statuses = {one.exit_status for one in found}
    if status := next((known for known in (1, 3) if known in statuses), 0):
        raise typer.Exit(status)


def attest(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A version in reports/.")],
    name: Annotated[str, typer.Option("--name", help="Who checked it, as you want to be named.")],
    sign: SignOption = None,
) -> None:
    """Run a report again and put on record, signed if you like, what came of it."""
    verify(report, attest=name, sign=sign)


def review(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT", help="A version, or what publish wrote.")
    ],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE.md", help="Where to; printed if not given.")
    ] = None,
    trust: TrustOption = None,
    signers: SignersOption = None,
) -> None:
    """Fill in a reviewer's form: what the machine can tell, and room for what a person must."""
    from darkdays.files import writing
    from darkdays.review.reviewers_form import form_of
    from darkdays.review.unpacking import unpacked

    found = _check(report, trust or (), signers)
    with unpacked(report, paths.snapshots()) as unpacked_report:
        text = form_of(unpacked_report.folder, found)
    if to is None:
        sys.stdout.write(text)
    else:
        writing.write_text(to, text)
        typer.echo(f"Written: {to.name}")


def _check(
    report: Path, trusted: Sequence[str], signers: Path | None, *, execute: bool = True
) -> Verification:
    """Check one report, a folder or a zip, with who signed it and who checked it before."""
    from darkdays.review.unpacking import unpacked
    from darkdays.review.verify.verify import verify as check

    with unpacked(report, paths.snapshots()) as one:
        found = check(one.folder, one.snapshots, execute=execute, trusted=trusted, tell=_tell)
        from darkdays.review.as_packed import check_signed  # while it ran again, most was loaded

        return check_signed(found, one, signers)


def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="The earlier version.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="The later version.")],
    why: Annotated[
        bool,
        typer.Option("--why", help="Run it with data, parameters, code, environment swapped."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what changed between two versions of a report: claims first, then numbers, then why."""
    from darkdays.review.diff.diff import diff as compare
    from darkdays.review.diff.diff_text import diff_document, diff_lines

    found = compare(before, after, paths.snapshots())
    attribution = None
    if why:
        from darkdays.review.diff.why import why as attribute

        attribution = attribute(found, paths.snapshots(), tell=_tell)
    if as_json:
        print_json(diff_document(found, attribution))
    else:
        for line in diff_lines(found, attribution):
            _line(line)
    if attribution is not None and attribution.unknown:
        raise typer.Exit(3)


def envelope(
    case: Annotated[str, typer.Argument(help="A case by name, or the path of a case file.")],
    snapshot: Annotated[
        str, typer.Option("--snapshot", metavar="ID", help="Replay this snapshot.")
    ] = "",
    python: Annotated[
        list[str] | None,
        typer.Option("--python", metavar="PATH", help="One more interpreter to try."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="FACTOR", help="Such as processor.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how far every finding moves with processor, threads, seeds, zones and Pythons."""
    from darkdays.fetch import fetch
    from darkdays.review.conditions import FACTORS, conditions
    from darkdays.review.envelope import measure
    from darkdays.review.rerun.interpreters import interpreters

    if unknown := [one for one in only or () if one not in FACTORS]:
        raise InputError(f"unknown factor {unknown[0]!r}; the factors are {', '.join(FACTORS)}.")
    tried = conditions(interpreters(python or ()))
    if only:
        tried = [tried[0], *(one for one in tried if one.factor in only)]
    chosen = fetch.stated(snapshot) if snapshot else ""
    found = measure(case, tried, snapshot=chosen, tell=_tell)
    if as_json:
        print_json({**found.document, "moved": found.moved})
        return
    for name, moved in found.moved.items():
        said = f"{moved} values moved" if isinstance(moved, int) else f"could not be run: {moved}"
        typer.echo(f"{name}: {said}")
    spread = found.document["findings"]
    typer.echo(f"{len(spread)} findings moved at all; the next report states how far each may.")
    for one in found.document["varies"]:
        typer.echo(f"no tolerance covers: {one}")
    typer.echo(f"Kept beside the case, as {found.path.parent.name}/{found.path.name}.")


def publish(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT", help="A version, such as reports/iran-2019/1.0.0.")
    ],
    to: Annotated[Path, typer.Option("--to", metavar="FILE.zip", help="Where to.")],
    sign: SignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a report as one file to deposit, with what may be passed on of its data."""
    from darkdays.review.packing import pack

    done = pack(report, paths.snapshots(), to, key=sign)
    if as_json:
        left_out = {"left_out": list(done.left_out), "snapshot_missing": done.absent}
        print_json({"file": str(done.path), "sha256": done.sha256, **left_out})
        return
    typer.echo(f"Written: {done.path.name} (SHA-256 {done.sha256})")
    for words in done.left_out:
        typer.echo(f"left out, its terms forbid passing it on: {words}")
    if done.absent:
        typer.echo("note: its snapshot is not here, so none of its replies came along.")


def _line(text: str) -> None:
    r"""Print one line: what a report brings along begins none of its own."""
    typer.echo(text.replace("\n", "\\n"))


def _tell(words: str) -> None:
    sys.stderr.write(f"{words} …\n")
    sys.stderr.flush()


def _print(found: Verification) -> None:
    """Print what checking a version came to: counts, then what is not identical."""
    _line(f"{found.case} {found.version}: {found.outcome}")
    for kind, counts in found.counts.items():
        said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        typer.echo(f"  {kind}: {said}")
    for one in found.striking[:_MOST]:
        _line(f"  {one.outcome}: {one.kind} {one.name}" + f" ({one.detail})" * bool(one.detail))
    if (more := len(found.striking) - _MOST) > 0:
        typer.echo(f"  and {more} more; --json lists all of them")
    if found.executed:
        reach = "out of" if found.isolated else "within"
        typer.echo(f"  executed again with the network {reach} reach")
    for note in found.notes:
        _line(f"  note: {note}")
