"""Check the embedded data: form, units, order, duplicates, overlaps, gaps, sources.

Run ``python data/validate.py``; it prints what it found and exits with 1 if anything is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from darkdays.contracts.datasources import DATASOURCES
from darkdays.contracts.events import read_csv
from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE
from darkdays.errors import DarkdaysError
from darkdays.sources.published import published, published_tables

TIME = "%Y-%m-%dT%H:%MZ"
MOST_HOURS = 24 * 366
# More /24 blocks than this are not routed in any country but the largest.
MOST = {"/24 blocks": 200_000, "measurements": 1_000_000, "users": 10_000_000}


def problems(data: Path) -> Iterator[str]:
    """Yield one sentence for everything that is wrong in a data folder."""
    sources = (data / "SOURCES.md").read_text(encoding="utf-8")
    for path in sorted((data / "published").glob("*/*.csv")):
        name = path.relative_to(data).as_posix()
        if f"`{path.name}`" not in sources or f"## published/{path.parent.name}/" not in sources:
            yield f"{name}: SOURCES.md does not say where it comes from"
        read = table_problems if path.stem in published_tables.TABLES else published_problems
        yield from read(name, path.read_bytes())
    for path in sorted((data / "facts").glob("*.csv")):
        name = path.relative_to(data).as_posix()
        if name not in sources:
            yield f"{name}: SOURCES.md does not say where it comes from"
        yield from facts_problems(name, path.read_bytes())


def published_problems(name: str, content: bytes) -> Iterator[str]:
    """Yield what is wrong in a file of published figures."""
    datasource = DATASOURCES.get(name.rsplit("/", 1)[-1].removesuffix(".csv"))
    if datasource is None:
        yield f"{name}: no datasource of that name is known"
        return
    try:
        published.read({name: content})  # the form, the grid, runs that overlap
    except DarkdaysError as error:
        yield str(error)
        return
    lines = content.decode().splitlines()
    rows = pd.DataFrame([line.split(",") for line in lines[1:]], columns=lines[0].split(","))
    times = {column: pd.to_datetime(rows[column], format=TIME) for column in ("first", "last")}
    for entity, group in rows.groupby("entity", sort=False):
        first, last = times["first"][group.index], times["last"][group.index]
        if not first.is_monotonic_increasing:
            yield f"{name}: rows of {entity} are not in order of time"
        follows = (first.iloc[1:].to_numpy() - last.iloc[:-1].to_numpy()) == datasource.step
        same = group["value"].iloc[1:].to_numpy() == group["value"].iloc[:-1].to_numpy()
        if (follows & same).any() and datasource.name != "ooni.measurement-count":
            yield f"{name}: {entity} has neighbouring runs of one value; join them"
    written = rows["value"][rows["value"] != ""]
    if not written.str.fullmatch(r"\d+").all():
        yield f"{name}: a count of {datasource.unit} is not a whole number"
    elif written.astype(int).max() > MOST[datasource.unit]:
        yield f"{name}: {written.astype(int).max()} {datasource.unit} is more than there can be"


def table_problems(name: str, content: bytes) -> Iterator[str]:
    """Yield what is wrong in an embedded table."""
    try:
        table = published_tables.read({name: content})
    except DarkdaysError as error:
        yield str(error)
        return
    if "measurement_start_time" in table.columns:
        times = table["measurement_start_time"]
        if not times.is_monotonic_increasing:
            yield f"{name}: rows are not in order of time"
        if (table["domain"] == "").any():
            yield f"{name}: an input has no domain"
        # The same test twice in one second is possible, three times is a slip.
        if (table.groupby(["measurement_start_time", "input"]).size() > 2).any():
            yield f"{name}: a measurement occurs more than twice"
        return
    if table.duplicated().any():
        yield f"{name}: a row occurs twice"
    if "reference" in table.columns and not table["reference"].all():
        yield f"{name}: a row has no reference"
    if "hours_low" in table.columns:
        yield from duration_problems(name, table)


def duration_problems(name: str, table: pd.DataFrame) -> Iterator[str]:
    """Yield what is wrong in a table of reported durations."""
    for row in table.itertuples():
        if not row.source or not row.statement or not row.reference:
            yield f"{name}: a row has no source, statement or reference"
    if (table[["hours_low", "hours_high"]].max(axis=None) or 0) > MOST_HOURS:
        yield f"{name}: a duration is longer than a year"


def facts_problems(name: str, content: bytes) -> Iterator[str]:
    """Yield what is wrong in a table of dated facts."""
    try:
        events = read_csv(content, name)
    except DarkdaysError as error:
        yield str(error)
        return
    if events.duplicated().any():
        yield f"{name}: a row occurs twice"
    for number, row in enumerate(events.itertuples(), start=2):
        if not row.source:
            yield f"{name}, line {number}: no source"
        if not row.statement:
            yield f"{name}, line {number}: no statement"


def summary(data: Path) -> Iterator[str]:
    """Yield a line a signal: bins measured, missing at the source and not read."""
    for path in sorted((data / "published").glob("*/*.csv")):
        name = path.relative_to(data).as_posix()
        if path.stem in published_tables.TABLES:
            rows = len(published_tables.read({name: path.read_bytes()}))
            yield f"{name}: {rows} rows"
            continue
        node = published.read({name: path.read_bytes()})[path.stem].to_dataset()
        for entity in node["entity"].values:
            flags = node["coverage"].sel(entity=entity).values
            measured, blind = (flags == MEASURED).sum(), (flags == MISSING_AT_SOURCE).sum()
            rest = flags.size - measured - blind
            counts = f"{measured} measured, {blind} missing at source, {rest} not read"
            yield f"{name} {entity}: {counts}"


def main() -> int:
    """Print the summary and the problems; return the exit status."""
    data = Path(__file__).resolve().parent
    sys.stdout.writelines(f"{line}\n" for line in summary(data))
    found = list(problems(data))
    sys.stderr.writelines(f"{line}\n" for line in found)
    sys.stdout.write(f"{len(found)} problems\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
