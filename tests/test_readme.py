"""What the README states about cases is what the latest reports state."""

from __future__ import annotations

import json
import re

from darkdays import case, paths
from darkdays.report.version import versions

README = (paths.root() / "README.md").read_text(encoding="utf-8")


def rows():
    for name in case.known():
        latest = versions(paths.reports() / name)[-1]
        findings = json.loads((paths.reports() / name / latest / "findings.json").read_text())
        for claim in findings["claims"]:
            share = f"{claim['sensitivity']['holds']} of {claim['sensitivity']['of']}"
            cells = (name, findings["title"], claim["statement"], claim["verdict"], share)
            yield f"| {' | '.join(cells)} |"


def test_the_table_of_cases_is_in_step_with_the_reports():
    table = README.split("<!-- cases")[1].split("<!-- /cases")[0]
    written = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert written == list(rows()), "the rows should be:\n" + "\n".join(rows())


def test_every_file_the_readme_links_to_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    local = [link for link in links if not link.startswith("http")]
    assert len(local) > 5
    for link in local:
        assert (paths.root() / link).exists(), link
