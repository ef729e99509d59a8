"""A report as a Workflow Run RO-Crate: what was run, on what, and what came out.

Process Run Crate and Workflow Run Crate 0.5 on RO-Crate 1.1. No clock is read: the crate is dated
by the sealing of its snapshot, or, where all data are embedded, by the end of the window studied.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from darkdays import __version__
from darkdays.files import writing
from darkdays.files.packaged import template_of
from darkdays.report.languages.file_names import language_of
from darkdays.report.page.pdf import AUTHOR
from darkdays.report.version.citation import licence_of, title_of
from darkdays.report.version.inputs_copy import CASE, SNAPSHOT
from darkdays.report.version.seal import MANIFEST

METADATA: Final = "ro-crate-metadata.json"
WORKFLOW: Final = "notebooks/4-report.ipynb"
"""Alone it runs the whole study: what a step before has not handed on, it makes sure of."""
CONTEXT: Final = "https://w3id.org/ro/crate/1.1/context"
PROFILES: Final = (
    "https://w3id.org/ro/wfrun/process/0.5",
    "https://w3id.org/ro/wfrun/workflow/0.5",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
)
_SPDX: Final = "https://spdx.org/licenses/"
_FORMATS: Final = {
    "bib": "application/x-bibtex", "cff": "application/yaml", "csv": "text/csv",
    "html": "text/html", "ipynb": "application/x-ipynb+json", "json": "application/json",
    "md": "text/markdown",
    "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
    "tex": "text/x-tex", "yaml": "application/yaml",
}  # fmt: skip


def crate_of(
    content: Mapping[str, Any], findings: Mapping[str, Any], contents: Mapping[str, bytes]
) -> str:
    """Return the metadata of a report as JSON-LD.

    Parameters
    ----------
    content
        What a draft holds.
    findings
        As published.
    contents
        Every other file of the version but its manifest, by name.
    """
    embedded = [name for name in contents if name.startswith("data/")]
    read = [name for name in (CASE, SNAPSHOT, *sorted(embedded)) if name in contents]
    made = [
        name
        for name in contents
        if name.startswith(("figures/", "tables/", "report.", "findings."))
    ]
    files = [
        {
            "name": name,
            "ending": name.rpartition(".")[2],
            "size": len(contents[name]),
            "sha256": writing.sha256(contents[name]),
            "is_notebook": name.startswith("notebooks/"),
            "language": language_of(name),
        }
        for name in sorted(contents)
    ]
    graph = template_of("report/version/crate.json.j2").render(
        content=content, findings=findings, files=files, formats=_FORMATS, context=CONTEXT,
        title=title_of(content), date=_date(content, contents), author=AUTHOR,
        licence=_SPDX + licence_of(content),
        code_licence=f"{_SPDX}BSD-3-Clause", case=content["case"],
        authors=_ids(content),
        metadata=METADATA, manifest=MANIFEST, profiles=PROFILES, program=__version__,
        workflow=WORKFLOW, has_workflow=WORKFLOW in contents, parts=sorted([*contents, MANIFEST]),
        read=[*read, *(f"#value-{name}" for name in findings["parameters"])], made=sorted(made),
    )  # fmt: skip
    return writing.json_text(json.loads(graph))


def _ids(content: Mapping[str, Any]) -> list[str]:
    """Return what each author is called in a graph."""
    return [
        f"https://orcid.org/{one['orcid']}" if one["orcid"] else f"#author-{number}"
        for number, one in enumerate(content["case"].get("authors", ()), start=1)
    ]


def _date(content: Mapping[str, Any], contents: Mapping[str, bytes]) -> str:
    if SNAPSHOT in contents:
        return str(json.loads(contents[SNAPSHOT])["sealed"])[:10]
    return str(content["case"]["until"])
