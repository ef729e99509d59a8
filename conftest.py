"""Every test and notebook starts from no settings, no stale products and one seed."""

from __future__ import annotations

import collections
import os
import shutil
import signal
import tempfile
from collections.abc import Generator
from typing import Any

import hypothesis
import pytest

from shared_data import left_open

# The same examples every time: a red check is a changed project, never a lucky draw.
# `--hypothesis-profile=many` takes as many as the whole check, `=default` explores with new ones.
hypothesis.settings.register_profile("many", derandomize=True, deadline=None)
hypothesis.settings.register_profile("few", derandomize=True, deadline=None, max_examples=20)
hypothesis.settings.load_profile("few")

_scratch = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the browser test be run in an emulated image of Binder, as ``make binder-check`` does."""
    group = parser.getgroup("binder")
    group.addoption("--binder-image", metavar="FOLDER", help="Environment of the image.")
    group.addoption("--binder-tree", metavar="FOLDER", help="Repository in the image.")


def pytest_configure(config: pytest.Config) -> None:
    """Hand this process and the kernels it starts an empty run folder of its own.

    With xdist this happens once in every worker. ``IPYTHONDIR`` keeps a person's own
    IPython start-up files out of the outputs that are compared.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell's background jobs ignore Ctrl-C and so would every program a test starts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in [name for name in os.environ if name.startswith("DARKDAYS_")]:
        del os.environ[name]
    config.stash[_scratch] = scratch = tempfile.mkdtemp(prefix="darkdays-tests-")
    os.environ["DARKDAYS_RUNS"] = f"{scratch}/runs"
    os.environ["IPYTHONDIR"] = f"{scratch}/ipython"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files that need long first, lest one of two processes waits for the other in the end."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Generator[None, None, None]:
    """Say in the end how many faults of services were tried, and what nobody could check here.

    Tests record faults as the property ``fault``; with xdist too they come back with the reports,
    and so do the reasons of those that were skipped.
    """
    yield
    ended = collections.Counter(
        value
        for report in terminalreporter.getreports("passed")
        for name, value in getattr(report, "user_properties", ())
        if name == "fault" and report.when == "call"
    )
    if ended:
        told = ", ".join(f"{count} {how}" for how, count in sorted(ended.items(), reverse=True))
        terminalreporter.write_line(f"faults of services tried: {ended.total()} ({told})")
    skipped = terminalreporter.getreports("skipped")
    if line := left_open(str(report.longrepr[2]) for report in skipped):
        terminalreporter.write_line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the run folder."""
    if _scratch in config.stash:
        shutil.rmtree(config.stash[_scratch], ignore_errors=True)
