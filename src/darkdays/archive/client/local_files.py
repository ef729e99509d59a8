"""Local files in place of downloads: which file stands in for which request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from darkdays.archive.client.body_limits import is_page
from darkdays.archive.client.faults import Fault
from darkdays.archive.request import MORE, READ_AS, Request, Service
from darkdays.errors import InputError
from darkdays.files import bounded
from darkdays.files.system_errors import cause_of


@dataclass(frozen=True)
class StandIn:
    """Files in place of the downloads of one service.

    Attributes
    ----------
    whole
        Stands in for every download, whatever it is called.
    named
        By their names. One stands in for a request for a file of that name, with or without its
        ending, or for one with that name as a part of its path or as a parameter.
    stated
        Those of the names that a person stated one by one, and that should not be for nothing.
    series
        By the name that is asked for, files that stand in for it one after the other.
    read_as
        How these are to be read, where they do not say so themselves.
    """

    whole: Path | None = None
    named: Mapping[str, Path] = field(default_factory=dict)
    stated: frozenset[str] = frozenset()
    series: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    read_as: Mapping[str, str] = field(default_factory=dict)

    def path_for(self, request: Request) -> Path | None:
        """Return the file that stands in for a request, None if there is none."""
        files = self.series.get(request.file, ())
        if files:
            number = _number(request)
            return files[number - 1] if number <= len(files) else None
        if not self.named:
            return self.whole
        by_stem = {Path(name).stem: path for name, path in self.named.items()} | dict(self.named)
        return next((by_stem[name] for name in names_of(request) if name in by_stem), None)

    def headers_for(self, request: Request) -> dict[str, str]:
        """Return what is to be known of a file of a person's own, beside what is in it."""
        files = self.series.get(request.file, ())
        if not files:
            return {}
        number = _number(request)
        stated = {f"{READ_AS}{name}": value for name, value in self.read_as.items()}
        more = {MORE: str(number + 1)} if number < len(files) else {}
        return {"name": files[number - 1].name, **stated, **more}


def _number(request: Request) -> int:
    return int(dict(request.query).get("number", "1"))


def names_of(request: Request) -> list[str]:
    """Return what a file may be called that stands in for a request, the closest first."""
    parts = [part for part in request.path.split("/") if part]
    return [
        request.file,
        Path(request.file).stem,
        *reversed(parts[:-1]),
        *(value for _, value in request.query),
    ]


def stand_in_of(name: str, stated: Iterable[Path]) -> StandIn:
    """Return what files and folders stand in for.

    One file stands in for every download of the service. Several, or the files of a folder, each
    stand in for the download that is called as they are.

    Raises
    ------
    InputError
        If a path does not exist, or two files have one name.
    """
    named: dict[str, Path] = {}
    given = list(stated)
    single = []
    for path in given:
        if path.is_dir():
            found = [one for one in sorted(path.iterdir()) if one.is_file()]
        elif path.is_file():
            found = [path]
            single.append(path.name)
        else:
            raise InputError(f"--file {name}={path}: there is no such file; check the path.")
        for one in found:
            if one.name in named:
                raise InputError(
                    f"--file {name} states two files called {one.name}; keep one of them."
                )
            named[one.name] = one
    if len(given) == 1 and single:
        return StandIn(whole=given[0])
    return StandIn(named=named, stated=frozenset(single))


def content_of(path: Path, service: Service) -> bytes:
    """Return the bytes of a file that stands in for a download.

    Raises
    ------
    Fault
        If it cannot be read, is too large for the service, or is a web page.
    """
    try:
        body = bounded.bytes_of(path, service.largest)
    except InputError:
        raise Fault(
            f"the file in its place is larger than {service.largest} bytes, or no plain one",
            "state a smaller one",
        ) from None
    except OSError as error:
        cause, remedy = cause_of(error)
        raise Fault(f"the file in its place cannot be read ({cause})", remedy) from None
    if is_page(body):
        raise Fault("the file in its place is a web page", "download the data themselves")
    return body
