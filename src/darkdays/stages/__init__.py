"""The study in four functions, fetch, detect, correlate, report: each hands on by the run folder.

This is the one place where the parts below are put together; notebooks and the command line call
it. A stage whose product is missing, or was made from other inputs, makes sure of it first, with
the default settings, so that any notebook can be opened and run on its own.
"""

from darkdays.stages.correlating import correlate
from darkdays.stages.detecting import LEVEL, MIN_DEPTH, detect
from darkdays.stages.fetching import fetch
from darkdays.stages.pictures import plots, show
from darkdays.stages.reporting import report

__all__ = ["LEVEL", "MIN_DEPTH", "correlate", "detect", "fetch", "plots", "report", "show"]
