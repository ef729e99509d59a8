"""A report as a Workflow Run RO-Crate: what was run, on what, and what came out.

Process Run Crate and Workflow Run Crate 0.5 on RO-Crate 1.1. No clock is read: the crate is dated
by the sealing of its snapshot, or, where all data are embedded, by the end of the window studied.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from darkdays import __version__
from darkdays.files import writing
from darkdays.report.page.pdf import AUTHOR
from darkdays.report.version.citation import title_of
from darkdays.report.version.inputs_copy import CASE, SNAPSHOT
from darkdays.report.version.seal import MANIFEST

METADATA: Final = "ro-crate-metadata.json"
WORKFLOW: Final = "notebooks/4-report.ipynb"
"""Alone it runs the whole study: what a step before has not handed on, it makes sure of."""
CONTEXT: Final = "https://w3id.org/ro/crate/1.1/context"
_SPECIFICATION: Final = "https://w3id.org/ro/crate/1.1"
PROFILES: Final = (
    "https://w3id.org/ro/wfrun/process/0.5",
    "https://w3id.org/ro/wfrun/workflow/0.5",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
)
_LICENCE: Final = "https://spdx.org/licenses/BSD-3-Clause"
_FORMATS: Final = {
    "cff": "application/yaml", "csv": "text/csv", "html": "text/html",
    "ipynb": "application/x-ipynb+json", "json": "application/json", "md": "text/markdown",
    "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
    "yaml": "application/yaml",
}  # fmt: skip

Entity = dict[str, Any]


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
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": _ref("./"),
            "conformsTo": [_ref(_SPECIFICATION), _ref(PROFILES[-1])],
        },
        _root(content, findings, contents),
        *_described(content, findings, contents),
        *(_file(name, contents, findings["parameters"]) for name in sorted(contents)),
        {"@id": MANIFEST, "@type": "File", "name": MANIFEST, "encodingFormat": "application/json"},
    ]
    return writing.json_text({"@context": CONTEXT, "@graph": graph})


def _root(
    content: Mapping[str, Any], findings: Mapping[str, Any], contents: Mapping[str, bytes]
) -> Entity:
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{title_of(content)} {findings['version']}",
        "description": f"{content['case']['question']} {content['case']['summary']}",
        "version": findings["version"],
        "datePublished": _date(content, contents),
        "license": _ref(_LICENCE),
        "author": _ref("#contributors"),
        "conformsTo": [_ref(profile) for profile in PROFILES],
        "hasPart": [_ref(name) for name in sorted([*contents, MANIFEST])],
        "mentions": [_ref("#run")],
        "isBasedOn": [_ref(f"#source-{one['name']}") for one in content["sources"]],
    }
    return root | ({"mainEntity": _ref(WORKFLOW)} if WORKFLOW in contents else {})


def _described(
    content: Mapping[str, Any], findings: Mapping[str, Any], contents: Mapping[str, bytes]
) -> Iterator[Entity]:
    parameters = findings["parameters"]
    embedded = [name for name in contents if name.startswith("data/")]
    read = [name for name in (CASE, SNAPSHOT, *sorted(embedded)) if name in contents]
    made = [name for name in contents if name.startswith(("figures/", "report.", "findings."))]
    yield {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"darkdays run {findings['case']}",
        "instrument": _ref(WORKFLOW if WORKFLOW in contents else "#darkdays"),
        "agent": _ref("#contributors"),
        "object": [_ref(name) for name in read] + [_ref(f"#value-{name}") for name in parameters],
        "result": [_ref(name) for name in sorted(made)],
        "actionStatus": _ref("http://schema.org/CompletedActionStatus"),
    }
    yield {"@id": "#contributors", "@type": "Organization", "name": AUTHOR}
    yield {
        "@id": "#darkdays",
        "@type": "SoftwareApplication",
        "name": "darkdays",
        "softwareVersion": __version__,
        "license": _ref(_LICENCE),
    }
    yield {
        "@id": "#python",
        "@type": "ComputerLanguage",
        "name": "Python, in Jupyter notebooks",
        "url": _ref("https://www.python.org/"),
    }
    yield {"@id": _LICENCE, "@type": "CreativeWork", "name": "BSD 3-Clause License"}
    for profile in PROFILES:
        yield {"@id": profile, "@type": "CreativeWork", "version": profile.rpartition("/")[2]}
    for name, value in parameters.items():
        yield {
            "@id": f"#parameter-{name}",
            "@type": "FormalParameter",
            "additionalType": "Number",
            "name": name,
            "conformsTo": _ref("https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"),
        }
        yield {
            "@id": f"#value-{name}",
            "@type": "PropertyValue",
            "exampleOfWork": _ref(f"#parameter-{name}"),
            "name": name,
            "value": value,
        }
    for one in content["sources"]:
        yield {
            "@id": f"#source-{one['name']}",
            "@type": "Dataset",
            "name": one["name"],
            "creditText": one["citation"],
            "usageInfo": one["licence"],
            "hasPart": [_ref(name) for name in one["files"]],
        } | ({"url": one["url"]} if one["url"] else {})


def _file(name: str, contents: Mapping[str, bytes], parameters: Iterable[str]) -> Entity:
    entity = {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": _FORMATS.get(name.rpartition(".")[2], "application/octet-stream"),
        "contentSize": str(len(contents[name])),
        "sha256": writing.sha256(contents[name]),
    }
    if not name.startswith("notebooks/"):
        return entity
    return entity | {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "programmingLanguage": _ref("#python"),
        "input": [_ref(f"#parameter-{one}") for one in parameters],
    }


def _date(content: Mapping[str, Any], contents: Mapping[str, bytes]) -> str:
    if SNAPSHOT in contents:
        return str(json.loads(contents[SNAPSHOT])["sealed"])[:10]
    return str(content["case"]["until"])


def _ref(identity: str) -> dict[str, str]:
    return {"@id": identity}
