"""Traps in the repository: what a clone or an archive of it loses, and where its badge leads."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from binder.check.lint import Lint, text_of, tracked

LARGEST: Final = 500 * 2**20
"""Bytes of all files together: a quarter of the disk a clone may fill on mybinder."""
OPEN_PORTS: Final = (80, 443)
"""Outgoing TCP ports that every member of the federation opens."""
_LFS: Final = b"version https://git-lfs.github.com/spec/v1"
_BADGE: Final = re.compile(r"https://mybinder\.org/v2/[^\s)\"'>]+")
_ADDRESS: Final = re.compile(r"\b(https?|ftp|git|ssh)://([\w.-]+)(?::(\d+))?")
_CODE: Final = (".py", ".yaml", ".yml", ".toml", ".ipynb")


def no_links(root: Path) -> list[str]:
    """Say which files are links."""
    return [f"{name} is a link" for name in tracked(root) if (root / name).is_symlink()]


def nothing_outside(root: Path) -> list[str]:
    """Say what is kept elsewhere."""
    found = ["submodules are not in an archive"] if (root / ".gitmodules").exists() else []
    for name in tracked(root):
        path = root / name
        if path.is_file() and path.stat().st_size < 1024 and path.read_bytes().startswith(_LFS):
            found.append(f"{name} is a pointer of Git LFS")
    return found


def archive_is_whole(root: Path) -> list[str]:
    """Say which files an archive leaves out or rewrites."""
    words = ["git", "-C", str(root), "check-attr", "--stdin", "-z", "export-ignore", "export-subst"]
    names = "\0".join(tracked(root))
    done = subprocess.run(words, input=names, capture_output=True, text=True, check=False)
    parts = done.stdout.split("\0")
    return [
        f"{name} is {attribute}"
        for name, attribute, value in zip(parts[::3], parts[1::3], parts[2::3], strict=False)
        if value == "set"
    ]


def small(root: Path) -> list[str]:
    """Say whether the files are too many bytes."""
    sizes = {name: (root / name).lstat().st_size for name in tracked(root)}
    total = sum(sizes.values())
    if total <= LARGEST:
        return []
    largest = max(sizes, key=lambda name: sizes[name])
    return [f"{total / 2**20:.0f} MiB of files, the largest {largest}"]


def badge(root: Path) -> list[str]:
    """Say whether the badge of the README leads nowhere."""
    links = [link for link in _BADGE.findall(text_of(root, "README.md")) if "badge" not in link]
    if not links:
        return ["README.md has no link to mybinder.org"]
    found = []
    for link in links:
        path = parse_qs(urlsplit(link).query).get("urlpath", [""])[0]
        notebook = re.sub(r"^(lab/tree|tree|notebooks)/", "", path)
        if not path.startswith("lab/tree/"):
            found.append(f"{link} does not open JupyterLab (urlpath=lab/tree/...)")
        elif not (root / notebook).is_file():
            found.append(f"{link} opens {notebook}, which is not there")
    return found


def open_ports(root: Path) -> list[str]:
    """Say which addresses are on ports or by protocols that are closed there."""
    found = []
    for name in tracked(root):
        if not name.endswith(_CODE) or name.startswith(("tests/", "reports/", "binder/check/")):
            continue
        for scheme, host, port in _ADDRESS.findall(text_of(root, name)):
            number = int(port) if port else {"http": 80, "https": 443}.get(scheme, 0)
            here = host == "localhost" or host.startswith("127.")
            if number not in OPEN_PORTS and not here:
                found.append(f"{name}: {scheme}://{host}{':' + port if port else ''}")
    return found


LINTS: Final = (
    Lint("no file is a link", "from a Zenodo archive a text file instead", no_links),
    Lint("no submodule, no Git LFS", "empty folders and pointers from an archive", nothing_outside),
    Lint("an archive holds every file as it is", "files missing from a Zenodo launch",
         archive_is_whole),
    Lint("the repository is small", "evicted for its disk, slow to start", small),
    Lint("the badge opens a notebook that is there", "404 in JupyterLab", badge),
    Lint("every address is on port 80 or 443", "a connection that times out", open_ports),
)  # fmt: skip
