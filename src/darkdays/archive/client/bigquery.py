"""Google BigQuery: a question in SQL, asked through Google's own library and login.

The library is an extra (``pip install 'darkdays[bigquery]'``). It logs in as Google's tools do
(application default credentials); nothing of that is seen, kept or shown here. What comes back is
written down as JSON, one row a line, in the order of the answer.
"""

from __future__ import annotations

import importlib
import json
from typing import Any, Final

from darkdays.archive.client.faults import Fault
from darkdays.archive.client.http import Answer
from darkdays.archive.client.redirects import refuse_plain
from darkdays.archive.request import Request

# A day of M-Lab's tests of the world is a few GiB; a question beyond this is a mistake.
_MOST_BILLED: Final = 500 * 2**30
_BY_HAND: Final = "or ask it in Google's console and state the exported file with --file"


def ask(request: Request, base_url: str, *, largest: int) -> Answer:
    """Ask the question that a request holds as ``sql``.

    Raises
    ------
    Fault
        If the library is not installed, there is no login, the question is refused, or the
        answer is too large.
    """
    try:
        library: Any = importlib.import_module("google.cloud.bigquery")
        login: Any = importlib.import_module("google.auth.exceptions")
        refusals: Any = importlib.import_module("google.api_core.exceptions")
    except ImportError:
        raise Fault(
            "needs the package google-cloud-bigquery, which is not installed",
            f"install the extra bigquery, {_BY_HAND}",
            of_service=True,
        ) from None
    refuse_plain(base_url, "a login, which is")
    try:
        client = library.Client(client_options={"api_endpoint": base_url})
    except login.GoogleAuthError:
        raise Fault(
            "needs a Google login",
            f"run `gcloud auth application-default login`, {_BY_HAND}",
            of_service=True,
        ) from None
    except OSError:
        raise Fault(
            "needs a Google project to ask in",
            f"name one in GOOGLE_CLOUD_PROJECT, {_BY_HAND}",
            of_service=True,
        ) from None
    settings = library.QueryJobConfig(use_legacy_sql=False, maximum_bytes_billed=_MOST_BILLED)
    try:
        rows = client.query(dict(request.query)["sql"], job_config=settings).result()
        body = _lines(rows, largest)
    except login.GoogleAuthError:
        raise Fault(
            "refused the Google login",
            f"run `gcloud auth application-default login` again, {_BY_HAND}",
            of_service=True,
        ) from None
    except refusals.GoogleAPICallError as error:
        # What it says may quote the account.
        code = getattr(error, "code", None)
        raise Fault(
            f"refused the question (HTTP {code})", f"check the project, {_BY_HAND}"
        ) from None
    except (refusals.GoogleAPIError, OSError) as error:
        raise Fault(f"cannot be asked ({type(error).__name__})", passing=True) from None
    return Answer(base_url, {"content-type": "application/json"}, body)


def _lines(rows: Any, largest: int) -> bytes:
    body = bytearray()
    for row in rows:
        plain = {name: _plain(value) for name, value in row.items()}
        body += json.dumps(plain, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        if len(body) > largest:
            raise Fault(f"is larger than {largest / 2**20:.3g} MiB", "ask for a shorter window")
    return bytes(body) or b"[]\n"


def _plain(value: Any) -> Any:
    is_plain = value is None or isinstance(value, bool | int | float | str)
    return value if is_plain else str(value)
