"""Ways to change a stored notebook: each changes one thing a reader sees or a run depends on.

A tampering is a function of a notebook and a random generator that changes the notebook in place.
It returns whether it found something to change.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import tampered_pictures as pictures
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

Tampering = Callable[[Any, random.Random], bool]

_FLOAT = re.compile(r"(?<![\w.\-:/])\d+\.\d+(?![\w.:/])")
_WORD = re.compile(r"(?<![\w<&/#.])[a-z]{4,}(?![\w>;=])")


def code(notebook: Any) -> list[Any]:
    """Return the code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(notebook: Any, *kinds: str) -> list[tuple[Any, str]]:
    """Return every place with text of an output: where it is kept, and under what name."""
    found = []
    for cell in code(notebook):
        for output in cell.outputs:
            if output.output_type == "stream" and "stream" in kinds:
                found.append((output, "text"))
            found += [(output.data, kind) for kind in output.get("data", {}) if kind in kinds]
    return found


def edit(places: list[tuple[Any, str]], pattern: str, rng: random.Random, new: Any) -> bool:
    """Replace one random match of a pattern in one random text that has any."""
    matches = [(where, key, m) for where, key in places for m in re.finditer(pattern, where[key])]
    if not matches:
        return False
    where, key, match = rng.choice(matches)
    text = where[key]
    where[key] = text[: match.start()] + new(match[0], rng) + text[match.end() :]
    return bool(where[key] != text)


def another_digit(digit: str, rng: random.Random) -> str:
    """Return a digit that is not this one."""
    return rng.choice([one for one in "0123456789" if one != digit])


def beyond(number: str, rng: random.Random) -> str:
    """Return a number a ten-thousandth to a half away: well beyond the tolerance of 1e-6."""
    share = 10 ** rng.uniform(-4, -0.3) * rng.choice([-1, 1])
    return repr(float(number) * (1 + share) + (share if not float(number) else 0))


def digit_in_text(notebook: Any, rng: random.Random) -> bool:
    """Change a digit of an integer, date or time in a text output."""
    places = texts(notebook, "stream", "text/plain")
    return edit(places, r"(?<![\d.])\d(?=\d{0,3}(?![\d.]))", rng, another_digit)


def digit_in_table(notebook: Any, rng: random.Random) -> bool:
    """Change a digit of an integer, date or time in an HTML table."""
    pattern = r"(?<=<td>)\d(?=\d{0,3}(?![\d.]))|(?<=[ :-])\d(?=\d?[ :<-])"
    return edit(texts(notebook, "text/html"), pattern, rng, another_digit)


def float_beyond_tolerance(notebook: Any, rng: random.Random) -> bool:
    """Move a float by a ten-thousandth or more."""
    return edit(texts(notebook, "text/plain", "text/html"), _FLOAT.pattern, rng, beyond)


def word_of_output(notebook: Any, rng: random.Random) -> bool:
    """Replace a word of an output."""
    return edit(texts(notebook, "text/plain", "text/html"), _WORD.pattern, rng, lambda *_: "never")


def row_of_table(notebook: Any, rng: random.Random) -> bool:
    """Take a row out of an HTML table."""
    return edit(
        texts(notebook, "text/html"), r"(?s)<tr>\s*<th>\d+</th>.*?</tr>", rng, lambda *_: ""
    )


def with_outputs(notebook: Any) -> list[Any]:
    """Return the cells that store outputs."""
    return [cell for cell in code(notebook) if cell.outputs]


def output_deleted(notebook: Any, rng: random.Random) -> bool:
    """Take an output out of a cell."""
    outputs = rng.choice(with_outputs(notebook)).outputs
    outputs.pop(rng.randrange(len(outputs)))
    return True


def output_doubled(notebook: Any, rng: random.Random) -> bool:
    """Store an output twice."""
    outputs = rng.choice(with_outputs(notebook)).outputs
    outputs.append(rng.choice(outputs))
    return True


def outputs_exchanged(notebook: Any, rng: random.Random) -> bool:
    """Exchange the outputs of two cells."""
    one, other = rng.sample(with_outputs(notebook), 2)
    one.outputs, other.outputs = other.outputs, one.outputs
    return True


def outputs_cleared(notebook: Any, rng: random.Random) -> bool:
    """Clear a cell's outputs and keep its number."""
    rng.choice(with_outputs(notebook)).outputs = []
    return True


def cell_never_run(notebook: Any, rng: random.Random) -> bool:
    """Clear outputs and number of a cell, as nbstripout does."""
    rng.choice(code(notebook)).update(outputs=[], execution_count=None)
    return True


def notebook_never_run(notebook: Any, _: random.Random) -> bool:
    """Clear outputs and numbers of all cells."""
    for cell in code(notebook):
        cell.update(outputs=[], execution_count=None)
    return True


def number_of_cell(notebook: Any, rng: random.Random) -> bool:
    """Change a cell's execution count."""
    rng.choice(code(notebook)).execution_count += rng.choice([-1, 1, 7])
    return True


def number_of_result(notebook: Any, rng: random.Random) -> bool:
    """Change a result's execution count."""
    results = [o for c in code(notebook) for o in c.outputs if o.output_type == "execute_result"]
    for output in rng.sample(results, min(len(results), 1)):
        output.execution_count += rng.choice([-1, 1, 7])
    return bool(results)


def representation_dropped(notebook: Any, rng: random.Random) -> bool:
    """Take out one of two representations of an output."""
    many = [o for c in code(notebook) for o in c.outputs if len(o.get("data", {})) > 1]
    for output in rng.sample(many, min(len(many), 1)):
        del output.data[rng.choice(sorted(output.data))]
    return bool(many)


def added(output: Any) -> Tampering:
    """Return a tampering that adds an output to a cell."""

    def add(notebook: Any, rng: random.Random) -> bool:
        rng.choice(code(notebook)).outputs.append(output)
        return True

    add.__doc__ = f"Add an output: {output.get('name', output.output_type)}."
    return add


def cells_exchanged(notebook: Any, rng: random.Random) -> bool:
    """Exchange two code cells."""
    places = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    one, other = rng.sample(places, 2)
    notebook.cells[one], notebook.cells[other] = notebook.cells[other], notebook.cells[one]
    return True


def cell_deleted(notebook: Any, rng: random.Random) -> bool:
    """Delete a cell that is not the last."""
    notebook.cells.pop(rng.randrange(len(notebook.cells) - 1))
    return True


def last_cell_deleted(notebook: Any, _: random.Random) -> bool:
    """Delete the last cell."""
    notebook.cells.pop()
    return True


def last_code_cell_deleted(notebook: Any, _: random.Random) -> bool:
    """Delete the last code cell."""
    notebook.cells.remove(code(notebook)[-1])
    return True


def cell_doubled(notebook: Any, rng: random.Random) -> bool:
    """Store a cell twice."""
    place = rng.randrange(len(notebook.cells))
    notebook.cells.insert(place, notebook.cells[place].copy())
    notebook.cells[place].id = f"again-{place}"
    return True


def cell_inserted(notebook: Any, rng: random.Random) -> bool:
    """Put in a cell of code or prose."""
    made = rng.choice([new_code_cell("1 + 1"), new_markdown_cell("It was a power cut.")])
    notebook.cells.insert(rng.randrange(len(notebook.cells) + 1), made)
    return True


def prose(notebook: Any) -> list[tuple[Any, str]]:
    """Return the places of prose."""
    return [(cell, "source") for cell in notebook.cells if cell.cell_type == "markdown"]


def number_in_prose(notebook: Any, rng: random.Random) -> bool:
    """Change a number in prose."""
    return edit(prose(notebook), r"\d", rng, another_digit)


def word_in_prose(notebook: Any, rng: random.Random) -> bool:
    """Replace a word of prose."""
    return edit(prose(notebook), _WORD.pattern, rng, lambda *_: "never")


def default_of_parameter(notebook: Any, rng: random.Random) -> bool:
    """Change a number in code, such as the default of a parameter."""
    places = [(cell, "source") for cell in code(notebook)]
    return edit(places, r"(?<=[=( .])\d", rng, another_digit)


def comment_in_code(notebook: Any, rng: random.Random) -> bool:
    """Add a comment to code."""
    rng.choice(code(notebook)).source += "  # checked by hand"
    return True


def code_made_prose(notebook: Any, rng: random.Random) -> bool:
    """Turn a code cell into prose."""
    cell = rng.choice(code(notebook))
    notebook.cells[notebook.cells.index(cell)] = new_markdown_cell(cell.source)
    return True


def tag_against_checking(notebook: Any, rng: random.Random) -> bool:
    """Tag a cell so that it is not checked, and clear its outputs."""
    cell = rng.choice(with_outputs(notebook))
    cell.metadata.tags = [rng.choice(["nbval-skip", "nbval-ignore-output", "raises-exception"])]
    cell.outputs = []
    return True


def comment_against_checking(notebook: Any, rng: random.Random) -> bool:
    """Say so in a comment, and clear its outputs."""
    cell = rng.choice(with_outputs(notebook))
    cell.source = f"# {rng.choice(['NBVAL_SKIP', 'NBVAL_IGNORE_OUTPUT'])}\n{cell.source}"
    cell.outputs = []
    return True


def parameters_tag(notebook: Any, _: random.Random) -> bool:
    """Take the tag of the parameters cell away."""
    cells = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    for cell in cells:
        cell.metadata.tags = []
    return bool(cells)


def kernel(notebook: Any, _: random.Random) -> bool:
    """Name another kernel."""
    notebook.metadata.kernelspec.name = "python2"
    return True


def tamperings() -> Iterator[Tampering]:
    """Go through all ways to tamper."""
    yield from (digit_in_text, digit_in_table, float_beyond_tolerance, word_of_output, row_of_table)
    yield from (output_deleted, output_doubled, outputs_exchanged, outputs_cleared)
    yield from (cell_never_run, notebook_never_run, number_of_cell, number_of_result)
    yield representation_dropped
    yield added(new_output("stream", name="stderr", text="UserWarning: careful\n"))
    yield added(new_output("stream", name="stdout", text="all is well\n"))
    yield added(new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"]))
    yield added(new_output("display_data", data={"text/plain": "0 outages"}))
    yield from pictures.tamperings()
    yield from (cells_exchanged, cell_deleted, last_cell_deleted, last_code_cell_deleted)
    yield from (cell_doubled, cell_inserted, number_in_prose, word_in_prose)
    yield from (default_of_parameter, comment_in_code, code_made_prose, tag_against_checking)
    yield from (comment_against_checking, parameters_tag, kernel)
