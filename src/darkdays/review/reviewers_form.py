"""A reviewer's form, as journals ask it, filled in as far as a check can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from darkdays.errors import DarkdaysError
from darkdays.files.packaged import template_of
from darkdays.report.version.compare import CLAIM, DIFFERS, UNCOMPARED, WITHIN
from darkdays.report.version.seal import document_of, read_manifest
from darkdays.review.verify.verification import Verification


def form_of(folder: Path, found: Verification) -> str:
    """Return the form of a checked version, as Markdown.

    Parameters
    ----------
    folder
        The version.
    found
        What checking it came to.
    """
    try:
        manifest = read_manifest(folder)
        document = document_of(folder / "findings.json")
    except DarkdaysError as error:
        manifest, document = {}, {"title": str(error)}
    text: str = template_of("review/reviewers_form.md.j2").render(
        found=found,
        document=document,
        machine=_in_words(manifest.get("machine", {})),
        files=sorted(manifest.get("files", {})),
        snapshot=manifest.get("digests", {}).get("snapshot", ""),
        data=sorted(manifest.get("digests", {}).get("data", {})),
        differing=[one for one in found.striking if one.outcome == DIFFERS],
        within=[one for one in found.striking if one.outcome == WITHIN],
        not_compared=[one for one in found.striking if one.outcome == UNCOMPARED],
        claims={one.name: one.outcome for one in found.outcomes if one.kind == CLAIM},
    )
    return text


def _in_words(machine: dict[str, Any]) -> str:
    libraries = machine.get("libraries", {})
    stated = [f"Python {machine.get('python', 'unknown')}", str(machine.get("system", ""))]
    return ", ".join([*filter(None, stated), *(f"{k} {v}" for k, v in libraries.items())])
