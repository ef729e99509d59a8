"""Build the site offline: stage what it shows, run Sphinx without a warning, check every link.

``make docs`` runs ``python docs/build.py runs/docs``. Pages of this folder stand at the root of the
site; results of benchmarks, notebooks and files that pages link to are staged beside them, and what
can be read from the code is written by :mod:`_generate`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import _generate

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ABOVE = re.compile(r"\]\(\.\./([^)#\s]+)")
ASSETS = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src")}


def stage(source: Path) -> None:
    """Lay out the pages, and every file of the checkout that one of them links to."""
    shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copytree(DOCS / "sweep", source / "sweep", dirs_exist_ok=True)
    shutil.copytree(ROOT / "benchmarks" / "results", source / "benchmarks" / "results")
    shutil.copytree(ROOT / "notebooks", source / "notebooks",
                    ignore=shutil.ignore_patterns(".*"))  # fmt: skip
    for page in source.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for name in ABOVE.findall(text):
            if not (source / name).exists():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, source / name)
        page.write_text(ABOVE.sub(r"](/\1", text), encoding="utf-8")
    _generate.write_all(ROOT, source)


class Links(HTMLParser):
    """What a page is called by, what it loads and where it leads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        for name, value in attrs:
            if name in {"id", "name"} and value:
                self.names.add(value)
            elif (tag, name) in ASSETS and value:
                self.loads.append(value)
            elif (tag, name) == ("a", "href") and value:
                self.leads.append(value)


def problems(html: Path) -> list[str]:
    """Return what is loaded from elsewhere, and every link within the site that leads nowhere."""
    pages = {path: Links(path) for path in sorted(html.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        where = path.relative_to(html)
        found += [f"{where}: loads {one}" for one in page.loads
                  if urlsplit(one).netloc]  # fmt: skip
        for link in (*page.leads, *page.loads):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or where.parts[0] in {"reports", "_static"}:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                found.append(f"{where}: {link} is not there")
            elif parts.fragment and target in pages:
                names = pages[target].names
                if unquote(parts.fragment) not in names:
                    found.append(f"{where}: {link} has no such place")
    return found


def main(folder: Path) -> int:
    """Build into a folder, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    source, html = folder / "source", folder / "html"
    stage(source)
    # Dates, and the tables of papermill and IPython, are no part of the site.
    settings = {**os.environ, "SOURCE_DATE_EPOCH": "0", "PYTHONHASHSEED": "0"}
    words = ["-D", f"html_extra_path={source / 'extra'}"]
    words += ["-q", "-W", "-n", "--keep-going", "-c", str(DOCS), str(source), str(html)]
    done = subprocess.run([sys.executable, "-m", "sphinx", *words], env=settings, check=False)
    if done.returncode:
        return done.returncode
    shutil.rmtree(html / ".doctrees", ignore_errors=True)
    wrong = problems(html)
    for one in wrong:
        print(one, file=sys.stderr)
    pages = sum(1 for _ in html.rglob("*.html"))
    print(f"{html / 'index.html'}: {pages} pages, {len(wrong)} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
