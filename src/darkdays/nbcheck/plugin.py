"""A pytest plugin that makes strict nbval honest: ``pytest --nbval --darkdays-nbcheck``.

nbval runs the notebooks; this plugin replaces how it judges them. Alone, nbval passes a
notebook that was never executed, ignores figures, and fails on a float's last bit, a
trailing ``;`` or a random id in an HTML table. Here a stored notebook passes if, and
only if, running it top to bottom gives the outputs it stores.

Settings (pytest ini)
---------------------
nbcheck_rtol
    Largest relative difference between a stored and a computed float (default 1e-6).
nbcheck_image_tolerance
    Largest share, 0 to 1, of an image's pixels that may visibly differ (default 0.005).
nbcheck_image_cluster
    Largest share, 0 to 1, of differing pixels inside any window of 8 by 8 pixels, which
    tells a changed label or point from scattered noise (default 0.125; 1 turns it off).
nbcheck_require_seal
    Whether a notebook without a seal fails (default: it is counted in the summary).
nbcheck_scrub
    Regular expressions, one a line, of what differs from run to run, such as the date in a
    summary of statsmodels; each must be kept out of what a reader relies on.

With xdist, ``-n`` alone spreads whole files over the workers (``--dist loadfile``), because
the cells of a notebook share one kernel.

Without the flag, nothing is registered and neither nbval, Pillow nor numpy is imported.
"""

from __future__ import annotations

import re

import pytest

_SETTINGS = {  # in the order of Tolerances
    "nbcheck_rtol": ("1e-6", "largest relative difference between stored and computed floats"),
    "nbcheck_image_tolerance": ("0.005", "largest share of visibly different pixels"),
    "nbcheck_image_cluster": ("0.125", "largest share of different pixels in any 8x8 window"),
}
# How xdist may spread the cells of a notebook: they share one kernel.
_WHOLE_FILES = {"no", "each", "loadfile", "loadscope"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag and the settings."""
    group = parser.getgroup("nbval", "Jupyter Notebook validation")
    group.addoption(
        "--darkdays-nbcheck",
        action="store_true",
        help="With --nbval: also fail on cells never executed, changed figures and "
        "execution order; compare floats within a tolerance.",
    )
    for name, (default, meaning) in _SETTINGS.items():
        parser.addini(name, help=f"{meaning} (--darkdays-nbcheck)", default=default)
    parser.addini("nbcheck_require_seal", "a notebook without a seal fails", "bool", False)
    parser.addini("nbcheck_scrub", "regular expressions of what differs by nature", "linelist", [])


def pytest_configure(config: pytest.Config) -> None:
    """Register the check if the flag asks for it.

    Raises
    ------
    pytest.UsageError
        If the flag is given without ``--nbval``, together with options under which a
        notebook cannot be checked, or with a setting that is not a share or tolerance.
    """
    if not config.getoption("darkdays_nbcheck"):
        return
    if not config.getoption("nbval", False) or config.getoption("nbval_lax", False):
        raise pytest.UsageError(
            "--darkdays-nbcheck checks every output: use it together with --nbval, "
            "without --nbval-lax."
        )
    distribution = config.getoption("dist", "no")
    if distribution == "load":  # what -n alone means
        config.option.dist = distribution = "loadfile"
    if not hasattr(config, "workerinput") and distribution not in _WHOLE_FILES:
        raise pytest.UsageError(
            "the cells of a notebook share one kernel and cannot be spread over workers "
            f"with --dist {distribution}: use --dist loadfile."
        )
    settings = [_setting(config, name) for name in _SETTINGS]

    from darkdays.nbcheck.compare import Tolerances
    from darkdays.nbcheck.notebooks import HonestCollection

    collection = HonestCollection(
        Tolerances(*settings),
        [_pattern(one) for one in config.getini("nbcheck_scrub")],
        seals=config.getini("nbcheck_require_seal"),
    )
    config.pluginmanager.register(collection, "darkdays_nbcheck_collection")


def _pattern(stated: str) -> str:
    """Return a regular expression that can be compiled."""
    try:
        re.compile(stated)
    except re.error as error:
        raise pytest.UsageError(f"nbcheck_scrub: {stated!r} is no pattern ({error}).") from None
    return stated


def _setting(config: pytest.Config, name: str) -> float:
    """Return one setting as a number from 0 to 1."""
    stated = config.getini(name)
    try:
        value = float(stated)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise pytest.UsageError(f"{name} must be a number from 0 to 1, not {stated!r}.")
    return value
