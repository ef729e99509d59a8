"""A draft of a report in the run folder, and the folder of a version made from it."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2
import pandas as pd

from darkdays import files
from darkdays.errors import DarkdaysError
from darkdays.figures import Plot, say_nothing_to_show, show_png
from darkdays.report.findings import Study
from darkdays.report.formats import moment, rounded
from darkdays.report.lists import lists_of
from darkdays.report.provenance import code_digest, environment_digest, machine
from darkdays.report.records import records_of
from darkdays.report.version import Change, next_version, versions
from darkdays.tables import bounds, when

_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("darkdays.report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


_TEMPLATES.filters |= {"when": when, "bounds": bounds}


@dataclass(frozen=True)
class Draft:
    """A report without a version: findings, figures and what the page needs besides."""

    folder: Path
    content: dict[str, Any]

    @property
    def findings(self) -> dict[str, Any]:
        """The findings document."""
        document: dict[str, Any] = self.content["findings"]
        return document

    def show(self, name: str = "") -> None:
        """Show a figure of the draft in a notebook, with its alt text; the first if not named."""
        plots = {figure["name"]: figure for figure in self.content["figures"]}
        name = name or next(iter(plots), "")
        if not name:
            say_nothing_to_show()
            return
        show_png((self.folder / "figures" / f"{name}.png").read_bytes(), plots[name]["alt"])


@dataclass(frozen=True)
class Published:
    """Where the report of a run is, and whether a new version was made for it."""

    folder: Path
    change: Change

    @property
    def page(self) -> Path:
        """The page to open."""
        return self.folder / "report.html"


def write_draft(
    *,
    folder: Path,
    study: Study,
    findings: dict[str, Any],
    plots: Sequence[Plot],
    events: pd.DataFrame,
    order: pd.DataFrame,
    inputs: Mapping[str, Any],
) -> Draft:
    """Write figures, findings and a page without a version into a run's ``report`` folder.

    Parameters
    ----------
    folder
        Replaced as a whole.
    study, findings
        What the report states.
    plots
        Its figures.
    events, order
        Tables shown beside the findings.
    inputs
        Digests of the case and of every file read.
    """
    figures = folder / "figures"
    shutil.rmtree(folder, ignore_errors=True)
    figures.mkdir(parents=True)
    for plot in plots:
        for kind in ("svg", "png"):
            files.write_bytes(figures / f"{plot.name}.{kind}", plot.rendered(kind))
        files.write_text(figures / f"{plot.name}.csv", files.csv_text(plot.data))
    case = study.case
    content = {
        "findings": findings,
        "digests": {**inputs, "parameters": findings["parameters"]},
        "case": {
            "name": case.name,
            "title": case.title,
            "question": case.question,
            "summary": case.summary,
            "time_zone": case.time_zone,
            "has_signals": bool(case.signals),
        },
        "lists": lists_of(study, findings),
        "records": records_of(study, [plot.name for plot in plots]),
        "figures": [
            {"name": plot.name, "title": plot.title, "caption": plot.caption, "alt": plot.alt}
            for plot in plots
        ],
        "events": events[list(_EVENT_COLUMNS)].to_dict("records"),
        "order": [
            {
                "first": case.name_of(row.first),
                "second": case.name_of(row.second),
                "hours": rounded(row.hours),
                "interval": [rounded(row.hours_low), rounded(row.hours_high)],
                "order": row.order,
            }
            for row in files.rows_of(order)
        ],
        "stages": [
            {
                "name": case.name_of(row.entity),
                "datasource": row.datasource,
                "start": moment(row.start),
                "interval": [moment(row.start_low), moment(row.start_high)],
                "until": moment(row.end),
                "before": f"{row.level_before:.0%}",
                "after": f"{row.level_after:.0%}",
            }
            for row in files.rows_of(study.lasting)
        ],
    }
    files.write_text(folder / "draft.json", files.json_text(content))
    draft = Draft(folder, content)
    files.write_text(folder / "report.html", _page(draft, "draft", None, ()))
    return draft


_EVENT_COLUMNS: Final = (
    "kind", "start", "end", "time_zone", "precision", "place", "statement", "source", "conflict",
)  # fmt: skip


def load_draft(folder: Path) -> Draft:
    """Read the draft that the last notebook left in a run's ``report`` folder.

    Raises
    ------
    DarkdaysError
        If there is none.
    """
    try:
        return Draft(folder, json.loads((folder / "draft.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise DarkdaysError(f"there is no draft report in {folder}; run the case again.") from None


def publish(draft: Draft, reports: Path, notebooks: Sequence[tuple[str, bytes]]) -> Published:
    """Give a draft its version and put it into ``reports/``, or point to an equal one.

    Parameters
    ----------
    draft
        Made by :func:`write_draft`.
    reports
        Folder of all reports.
    notebooks
        Names and canonical bytes of the executed notebooks.

    Returns
    -------
    Published
        An existing version where nothing changed; it is never written to.
    """
    home = reports / draft.findings["case"]
    digests = {
        **draft.content["digests"],
        "code": code_digest(),
        "environment": environment_digest(),
    }
    change = next_version(home, draft.findings, digests)
    target = home / change.version
    if change.is_new:
        staged = home / f".{change.version}.{os.getpid()}.partial"
        try:
            _fill(staged, draft, change, digests, notebooks)
            staged.rename(target)
        except OSError as error:
            raise DarkdaysError(
                f"cannot write {target}: {error.strerror or error}; "
                "free the disk or choose another folder with --reports."
            ) from None
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    write_index(reports)
    return Published(target, change)


def _fill(
    folder: Path,
    draft: Draft,
    change: Change,
    digests: dict[str, Any],
    notebooks: Sequence[tuple[str, bytes]],
) -> None:
    names = [name for name, _ in notebooks]
    contents: dict[str, bytes] = {f"notebooks/{name}": content for name, content in notebooks}
    for path in sorted((draft.folder / "figures").iterdir()):
        contents[f"figures/{path.name}"] = path.read_bytes()
    document = {"case": draft.findings["case"], "version": change.version, **draft.findings}
    contents["findings.json"] = files.json_text(document).encode()
    contents["report.html"] = _page(draft, change.version, digests, names).encode()
    contents["CHANGES.md"] = _changes(change).encode()
    manifest = {
        "case": draft.findings["case"],
        "version": change.version,
        "digests": digests,
        "files": {name: files.sha256(contents[name]) for name in sorted(contents)},
        "machine": machine(),
    }
    contents["manifest.json"] = files.json_text(manifest).encode()
    for name in sorted(contents):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[name])


def write_index(reports: Path) -> None:
    """Write ``index.html``: every case, every version, its verdicts."""
    listed = []
    for home in sorted(path for path in reports.iterdir() if path.is_dir()):
        found = []
        for version in reversed(versions(home)):
            document = json.loads((home / version / "findings.json").read_text(encoding="utf-8"))
            found.append(
                {"version": version, "claims": document["claims"], "title": document["title"]}
            )
        if found:
            listed.append({"name": home.name, "title": found[0]["title"], "versions": found})
    page = _TEMPLATES.get_template("index.html.j2").render(cases=listed)
    target = reports / "index.html"
    if not target.is_file() or target.read_text(encoding="utf-8") != page:
        files.write_text(target, page)


def _changes(change: Change) -> str:
    before = f"Against {change.previous}:" if change.previous else "Nothing before it."
    return "\n".join(
        [f"# {change.version}", "", before, "", *(f"- {one}" for one in change.reasons), ""]
    )


def _page(
    draft: Draft, version: str, digests: dict[str, Any] | None, notebooks: Sequence[str]
) -> str:
    figures = {
        figure["name"]: {
            **figure,
            "svg": base64.b64encode(
                (draft.folder / "figures" / f"{figure['name']}.svg").read_bytes()
            ).decode(),
        }
        for figure in draft.content["figures"]
    }
    content = {**draft.content, "figures": figures, "digests": digests or draft.content["digests"]}
    return _TEMPLATES.get_template("report.html.j2").render(
        **content, version=version, notebooks=notebooks
    )
