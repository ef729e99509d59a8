"""Ways to change a stored picture, and what is stored beside it; see `tamperings`."""

from __future__ import annotations

import base64
import io
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageOps

Tampering = Callable[[Any, random.Random], bool]
_KIND = "image/png"


def shown(notebook: Any) -> list[Any]:
    """Return the outputs that hold a picture."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [o for cell in cells for o in cell.outputs if _KIND in o.get("data", {})]


def repainted(change: Callable[[Image.Image, random.Random], Image.Image]) -> Tampering:
    """Return a tampering that changes the pixels of a picture."""

    def tamper(notebook: Any, rng: random.Random) -> bool:
        outputs = shown(notebook)
        if not outputs:
            return False
        data = rng.choice(outputs).data
        before = Image.open(io.BytesIO(base64.b64decode(data[_KIND]))).convert("RGB")
        after = change(before.copy(), rng)
        if after.size == before.size and ImageChops.difference(before, after).getbbox() is None:
            return False
        file = io.BytesIO()
        after.save(file, "png")
        data[_KIND] = base64.b64encode(file.getvalue()).decode()
        return True

    tamper.__doc__ = change.__doc__
    tamper.__name__ = change.__name__
    return tamper


def _anywhere(image: Image.Image, rng: random.Random, width: int, height: int) -> tuple[int, ...]:
    left, top = rng.randrange(image.width - width), rng.randrange(image.height - height)
    return left, top, left + width, top + height


def painted_over(image: Image.Image, rng: random.Random) -> Image.Image:
    """Paint a box of 12 by 12 pixels over a picture."""
    ImageDraw.Draw(image).rectangle(_anywhere(image, rng, 11, 11), fill=(200, 30, 120))
    return image


def digit_painted(image: Image.Image, rng: random.Random) -> Image.Image:
    """Write a digit as large as a tick label's over a picture."""
    place = _anywhere(image, rng, 8, 10)[:2]
    ImageDraw.Draw(image).text(place, rng.choice("0123456789"), fill=(20, 20, 20))
    return image


def word_wiped(image: Image.Image, rng: random.Random) -> Image.Image:
    """Wipe 40 by 12 pixels of a picture white."""
    ImageDraw.Draw(image).rectangle(_anywhere(image, rng, 40, 12), fill=(255, 255, 255))
    return image


def moved(image: Image.Image, rng: random.Random) -> Image.Image:
    """Move a picture by a few pixels."""
    return ImageChops.offset(image, rng.randint(1, 5), rng.randint(0, 5))


def recoloured(image: Image.Image, rng: random.Random) -> Image.Image:
    """Exchange the colours of a picture."""
    red, green, blue = image.split()
    return Image.merge("RGB", rng.choice([(green, red, blue), (blue, green, red)]))


def mirrored(image: Image.Image, _: random.Random) -> Image.Image:
    """Mirror a picture."""
    return ImageOps.mirror(image)


def cropped(image: Image.Image, rng: random.Random) -> Image.Image:
    """Cut a picture at the right."""
    return image.crop((0, 0, image.width - rng.randint(1, 60), image.height))


def blank(image: Image.Image, _: random.Random) -> Image.Image:
    """Replace a picture by a blank one."""
    return Image.new("RGB", image.size, "white")


def truncated(notebook: Any, rng: random.Random) -> bool:
    """Cut the file of a picture short."""
    outputs = shown(notebook)
    for output in rng.sample(outputs, min(len(outputs), 1)):
        content = base64.b64decode(output.data[_KIND])
        output.data[_KIND] = base64.b64encode(content[: len(content) // 2]).decode()
    return bool(outputs)


def exchanged(notebook: Any, rng: random.Random) -> bool:
    """Exchange two pictures, with all that is stored beside them."""
    outputs = shown(notebook)
    if len(outputs) < 2:
        return False
    one, other = rng.sample(outputs, 2)
    one.data, other.data = other.data, one.data
    one.metadata, other.metadata = other.metadata, one.metadata
    return True


def _beside(notebook: Any, name: str) -> list[Any]:
    found = (output.metadata.get(_KIND, {}) for output in shown(notebook))
    return [metadata for metadata in found if name in metadata]


def description_changed(notebook: Any, rng: random.Random) -> bool:
    """Change a digit in the description of a picture."""
    return _edited(_beside(notebook, "alt"), "alt", r"\d", rng)


def numbers_changed(notebook: Any, rng: random.Random) -> bool:
    """Change a leading digit in the fingerprint of a picture."""
    return _edited(_beside(notebook, "figure_data"), "figure_data", r"(?<= )\d(?=\.\d)", rng)


def _edited(places: list[Any], name: str, pattern: str, rng: random.Random) -> bool:
    matches = [(where, m) for where in places for m in re.finditer(pattern, where[name])]
    if not matches:
        return False
    where, match = rng.choice(matches)
    digit = rng.choice([one for one in "123456789" if one != match[0]])
    where[name] = where[name][: match.start()] + digit + where[name][match.end() :]
    return True


def description_dropped(notebook: Any, rng: random.Random) -> bool:
    """Take the description of a picture away."""
    places = _beside(notebook, "alt")
    for metadata in rng.sample(places, min(len(places), 1)):
        del metadata["alt"]
    return bool(places)


def tamperings() -> Iterator[Tampering]:
    """Go through all ways to tamper with a picture."""
    changes = (painted_over, digit_painted, word_wiped, moved, recoloured, mirrored, cropped, blank)
    yield from map(repainted, changes)
    yield from (truncated, exchanged)
    yield from (description_changed, description_dropped, numbers_changed)
