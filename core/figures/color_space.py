"""Colour arithmetic: sRGB to OKLab, where equal distances look equally different, and back.

References
----------
.. [1] Ottosson B. A perceptual color space for image processing, 2020. https://bottosson.github.io/posts/oklab/
.. [2] W3C. Web Content Accessibility Guidelines 2.2, contrast ratio.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np

Triple: TypeAlias = tuple[float, float, float]

_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
# How a colour is varied: change of lightness, and of hue in radians.
VARIATIONS = (
    (0.11, 0.3), (-0.11, -0.3), (0.22, -0.3), (0.3, 0.5), (-0.2, 0.5), (0.1, -0.8), (0.05, 0.8), (0.2, 1.0),
    (0.3, -0.9),
)  # fmt: skip
LIGHTNESS = (0.44, 0.82)
MIDDLE = 0.62

_FROM_LMS = np.linalg.inv(_LMS)
_FROM_LAB = np.linalg.inv(_LAB)
_LUMINANCE = (0.2126, 0.7152, 0.0722)


def linear(color: str) -> Triple:
    """Return linear-light red, green and blue of a ``#rrggbb`` colour, each 0 to 1."""
    red, green, blue = (_decode(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def from_linear(rgb: Triple) -> str:
    """Convert linear light to ``#rrggbb``; values outside of sRGB are clipped."""
    return "#" + "".join(f"{round(255 * _encode(min(max(channel, 0.0), 1.0))):02x}" for channel in rgb)


@lru_cache(maxsize=4096)
def oklab(color: str) -> Triple:
    """Return lightness (0 to 1), green-red and blue-yellow [1]_."""
    lightness, a, b = (float(part) for part in _LAB @ np.cbrt(_LMS @ np.array(linear(color))))
    return lightness, a, b


def from_oklab(lab: Triple) -> str:
    """Convert an OKLab colour to ``#rrggbb``; chroma is reduced until the colour lies inside of sRGB."""
    lightness, a, b = lab
    for share in (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.0):
        rgb = _FROM_LMS @ (_FROM_LAB @ np.array([lightness, a * share, b * share])) ** 3
        if share == 0 or (rgb.min() >= -0.002 and rgb.max() <= 1.002):  # noqa: PLR2004 - half a step of 8 bits
            return from_linear((float(rgb[0]), float(rgb[1]), float(rgb[2])))
    raise AssertionError


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio [2]_, 1 to 21."""
    low, high = sorted(sum(w * c for w, c in zip(_LUMINANCE, linear(color), strict=True)) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def varied(color: str, step: int) -> str:
    """Vary a colour: the same family, lighter or darker and rotated a little; step 0 is the colour itself."""
    if step == 0:
        return color
    lightness, a, b = oklab(color)
    more, turn = VARIATIONS[(step - 1) % len(VARIATIONS)]
    up = 1.0 if lightness < MIDDLE else -1.0  # first to where there is room
    lightness = min(max(lightness + up * more, LIGHTNESS[0]), LIGHTNESS[1])
    turn *= up
    return from_oklab((lightness, a * math.cos(turn) - b * math.sin(turn), a * math.sin(turn) + b * math.cos(turn)))


def blend(stops: tuple[str, ...], at: float) -> str:
    """Return the colour at `at` (0 to 1) of a ramp of evenly spaced stops, blended in OKLab."""
    place = min(max(at, 0.0), 1.0) * (len(stops) - 1)
    index = min(int(place), len(stops) - 2)
    share = place - index
    low, high = oklab(stops[index]), oklab(stops[index + 1])
    lightness, a, b = (x + share * (y - x) for x, y in zip(low, high, strict=True))
    return from_oklab((lightness, a, b))


def translucent(color: str, alpha: float) -> str:
    """Return ``rgba(...)`` of a ``#rrggbb`` colour."""
    return f"rgba({int(color[1:3], 16)},{int(color[3:5], 16)},{int(color[5:7], 16)},{alpha:g})"


def mixed(color: str, behind: str, alpha: float) -> str:
    """Blend a colour over another by its opacity, as browsers do."""
    pairs = [(int(color[at : at + 2], 16), int(behind[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(over * alpha + under * (1 - alpha)):02x}" for over, under in pairs)


def _decode(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB


def _encode(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055  # noqa: PLR2004 - sRGB
