"""Compare two images as a reader sees them: pixel by pixel, not byte by byte."""

from __future__ import annotations

import base64
import binascii
import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from darkdays.files.png import chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VISIBLE = 8  # of 255: a channel that differs by more is seen
# Pillow raises any of these on a truncated or damaged file
_DAMAGED = (binascii.Error, UnidentifiedImageError, OSError, SyntaxError, ValueError)
_WINDOW = 8  # pixels: about the size of a digit on an axis


_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}


def image_difference(
    stored: str, now: str, *, share: float, cluster: float, kind: str = "image/png"
) -> str | None:
    """Say how two images differ, or nothing if they agree.

    Parameters
    ----------
    stored, now
        PNG or JPEG files, base64-encoded as notebooks keep them.
    share
        Largest share, 0 to 1, of all pixels that may visibly differ: by more than 8 of
        255 in red, green, blue or opacity.
    cluster
        Largest share, 0 to 1, of visibly different pixels in any window of 8 by 8.
    kind
        What both must be: ``image/png`` or ``image/jpeg``.

    Returns
    -------
    str or None
        A clause such as ``3.2% of its pixels differ``.
    """
    if stored == now:
        return None
    try:
        before, around = _decoded(stored, kind)
    except _DAMAGED as error:
        return f"the stored image cannot be decoded{_reason(error)}"
    try:
        after, around_now = _decoded(now, kind)
    except _DAMAGED:
        return "the image now drawn cannot be decoded"
    if before.shape != after.shape:
        return f"stored {_size(before)} pixels, now {_size(after)}"
    seen = (np.abs(before - after) > _VISIBLE).any(axis=2)
    differing = float(seen.mean())
    if differing > share:
        return f"{differing:.1%} of its pixels differ from the stored figure (at most {share:.1%})"
    densest, row, column = _densest_window(seen)
    if densest > cluster:
        return f"it differs from the stored figure around pixel x={column}, y={row}"
    if around != around_now:
        return "it agrees in pixels, but not in what says how these are shown"
    return None


def _decoded(encoded: str, kind: str) -> tuple[NDArray[np.int16], Any]:
    """Decode to an array of shape (height, width, 4), red to opacity, 0 to 255.

    With it comes what else decides how it looks: orientation, profile, resolution, more images.
    """
    content = base64.b64decode(encoded)
    with Image.open(io.BytesIO(content), formats=[_FORMATS[kind]]) as image:
        if getattr(image, "n_frames", 1) != 1:
            raise ValueError("it holds more than one image")
        pixels = np.asarray(image.convert("RGBA")).astype(np.int16)
        around: Any = image.info
    if kind == "image/png":
        around = [one for one in chunks(content) if one[0] not in {"IHDR", "PLTE", "tRNS"}]
    return pixels, around


def _reason(error: Exception) -> str:
    """Return what is wrong with a file, where it is said in our own words."""
    return f": {error}" if type(error) is ValueError else ""


def _size(pixels: NDArray[np.int16]) -> str:
    """Return width and height as people write them."""
    return f"{pixels.shape[1]}x{pixels.shape[0]}"


def _densest_window(seen: NDArray[np.bool_]) -> tuple[float, int, int]:
    """Return the largest share of differing pixels in any window, and the window's middle."""
    height, width = (min(_WINDOW, length) for length in seen.shape)
    total = np.pad(seen.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    counts = (
        total[height:, width:]
        - total[:-height, width:]
        - total[height:, :-width]
        + total[:-height, :-width]
    )
    row, column = divmod(int(counts.argmax()), counts.shape[1])
    return (
        float(counts[row, column]) / (height * width),
        row + height // 2,
        column + width // 2,
    )
