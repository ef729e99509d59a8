"""The errors a person is shown: one clear sentence, with what to do next."""

from __future__ import annotations


class DarkdaysError(Exception):
    """Something a person can act on; the command line prints it without a traceback.

    Attributes
    ----------
    exit_status
        What the command line exits with: 1 for a run that failed, 2 for input that
        cannot be used, 3 for input that is missing.
    """

    exit_status = 1


class InputError(DarkdaysError):
    """The input cannot be used as it is: the sentence says why and what to change."""

    exit_status = 2
