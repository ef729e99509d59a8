"""What the README states about cases is what ``darkdays cases --into README.md`` writes."""

from __future__ import annotations

import re

from darkdays.cli import listing, listing_tables
from darkdays.files import paths

README = (paths.root() / "README.md").read_text(encoding="utf-8")


def test_the_table_of_cases_is_in_step_with_cases_and_reports(tmp_path):
    copy = tmp_path / "README.md"
    copy.write_text(README, encoding="utf-8")
    changed = listing_tables.put_into(copy, listing_tables.markdown(listing.listed_cases()))
    assert not changed, "run `darkdays cases --into README.md`"


def test_every_file_the_readme_links_to_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    local = [link for link in links if not link.startswith("http")]
    assert len(local) > 5
    for link in local:
        assert (paths.root() / link).exists(), link
