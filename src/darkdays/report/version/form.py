"""The form of the documents of a version, down to what is read of them: nothing is taken on trust.

A version may have been unpacked from a stranger's archive. What the rooms above look at is of its
kind, and names stay below the folder they belong to; what else there is, is left as it is.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from darkdays.files.bounded import is_inside


def _inside(name: str) -> str:
    if not is_inside(name):
        raise ValueError("it leads out of its folder")
    return name


Name = Annotated[str, AfterValidator(_inside)]
Tolerances = dict[str, FiniteFloat]


class _Form(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Digests(_Form):
    case: str
    snapshot: str = Field(pattern=r"^([0-9a-f]{4,64})?$")
    code: str
    data: dict[Name, Any]
    parameters: dict[str, Any]


class _Machine(_Form):
    commit: str | None = None
    libraries: dict[str, str] = {}


class _Manifest(_Form):
    case: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str = Field(pattern=r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$")
    digests: _Digests
    files: dict[Name, str]
    machine: _Machine = _Machine()


class _Sensitivity(_Form):
    holds: int
    of: int


class _Claim(_Form):
    id: str
    statement: str
    verdict: str
    because: str
    sensitivity: _Sensitivity


class _Finding(_Form):
    id: str
    tolerance: Tolerances | None = None


class _OfParts(_Form):
    elsewhere: Tolerances = {}
    figures: Tolerances = {}


class _Findings(_Form):
    case: str
    claims: list[_Claim]
    findings: list[_Finding]
    tolerances: _OfParts | None = None


_FORMS: Final[dict[str, type[_Form]]] = {"manifest.json": _Manifest, "findings.json": _Findings}


def fault_of(name: str, document: Any) -> str:
    """Return where a document is not of its form, nothing if it is.

    Parameters
    ----------
    name
        Of its file.
    document
        What it holds.
    """
    if name not in _FORMS:
        return ""
    try:
        _FORMS[name].model_validate(document)
    except ValidationError as error:
        # What is there may be anything, and is not repeated.
        return ".".join(str(part)[:40] for part in error.errors()[0]["loc"]) or "all of it"
    return ""
