"""Colours of categories and values, the same on every page and in every atlas.

`CATEGORICAL` was chosen by a farthest-point search in OKLab over normal vision, deuteranopia and protanopia [1]_ among
the colours that stand out from both themes; ``tests/core/figures/test_palette.py`` holds the distances. Colour is
never the only sign: categories are labelled on the data, and listed in the table.

References
----------
.. [1] Machado GM, Oliveira MM, Fernandes LAF. A physiologically-based model for simulation of color vision deficiency.
   IEEE Trans Vis Comput Graph 2009.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from plotly.colors import get_colorscale

from core.atlas.vocabulary import DISEASE_STAGES, plain, stage_order
from core.figures.color_space import VARIATIONS, blend, from_linear, linear, oklab, varied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.figures.theme import Theme

CATEGORICAL = (
    "#3c7bb1", "#e78421", "#18a8a8", "#962118", "#8d8df9", "#f9b118", "#a85718", "#72baf9", "#2145a8", "#de6060",
    "#185760", "#45d5cc",
    "#9fba84", "#a85784", "#6060cc", "#8d3c84", "#2a9660", "#4e96cc", "#456957", "#e7729f", "#f9a8b1", "#2a609f",
    "#8472de", "#a87b18", "#335733", "#3cb1d5", "#a8cc69", "#b19f60",
)  # fmt: skip
NOT_GIVEN = {"light": "#a3adab", "dark": "#6b7876"}
# From healthy to end-stage disease: warmer and darker with every stage.
STAGES = ("#3fa7a3", "#c9a227", "#e07b39", "#b8323a", "#8b2c72")

# Low to high on a light background; reversed on a dark one, so that high values always stand out.
_RAMPS: dict[str, tuple[str, ...]] = {
    "expression": ("#fdd0a2", "#fd9567", "#f1605d", "#cd4071", "#9f2f7f", "#721f81", "#451077", "#261052"),
    "number": ("#cdebd2", "#8bd0b4", "#4db0a4", "#2d8c98", "#2a6787", "#2c4373", "#1f2150"),
    "score": ("#1b4f8f", "#4f8dc0", "#a6c8de", "#e9eceb", "#f0b799", "#d4604d", "#8f1328"),
}
_DARK_RAMPS: dict[str, tuple[str, ...]] = {
    "expression": ("#6a2a86", "#9f2f7f", "#cd4071", "#f1605d", "#fd9567", "#fec98d", "#fcf3b6"),
    "number": ("#34507f", "#2f7391", "#34959b", "#4db9a8", "#8ad8b3", "#d3f2cf"),
    "score": ("#8ec5f2", "#4f8dc0", "#37586f", "#3d4546", "#7d4c41", "#d4604d", "#ffb199"),
}
# Alternative scales by their name in the address: Plotly's name, and whether the middle means zero.
SCALES: dict[str, tuple[str, bool]] = {
    "viridis": ("viridis", False),
    "cividis": ("cividis", False),
    "magma": ("magma", False),
    "blues": ("blues", False),
    "greys": ("greys", False),
    "rdbu": ("rdbu_r", True),
    "puor": ("puor_r", True),
}
# In the address: our colours of categories, although the author of the atlas chose others.
OWN = "own"
# Both ends of a blend of two genes: safe for all kinds of colour vision, and white (or black) where both are high.
_BLEND = {"light": ("#e9ecec", "#d1495b", "#1f7a8c", "#24142e"), "dark": ("#2b3536", "#ff6b7d", "#3fc1d8", "#ffffff")}

# Known cell types: the first pattern that is found in the plain name (lower case, no blanks, no punctuation) decides.
_CELL_TYPES: tuple[tuple[str, str], ...] = (
    (r"periportalhep|hep\w*periportal|zone1hep|hep\w*zone1|hepatocytepp", "#f9b118"),
    (r"pericentralhep|hep\w*pericentral|zone3hep|hep\w*zone3|centrilobularhep|hepatocytepc", "#a85718"),
    (r"hepatocyte|hepatocellular", "#e78421"),
    (r"cholangio|bileduct|biliary|ductal", "#2a9660"),
    (r"ovalcell|hepaticprogenitor|hepatoblast|bipotent", "#a8cc69"),
    (r"lsec|sinusoidal", "#de6060"),
    (r"lymphaticendo", "#f9a8b1"),
    (r"endotheli|vascularec|^ecs?$", "#962118"),
    (r"myofibro", "#e7729f"),
    (r"stellate|^a?q?hscs?$", "#8d3c84"),
    (r"fibroblast", "#c96fb0"),
    (r"smoothmuscle|pericyte|mural|vsmc", "#a85784"),
    (r"mesotheli", "#c9a9e0"),
    (r"scarassociated|lipidassociated|^lams?$|^sams?$|trem2", "#72baf9"),
    (r"kupffer|^kcs?$", "#2145a8"),
    (r"plasmacytoid|^pdcs?$", "#8472de"),
    (r"dendritic|^c?m?dcs?\d?$", "#6060cc"),
    (r"monocyte|monocytic", "#8d8df9"),
    (r"macrophage|^mps?$", "#3c7bb1"),
    (r"neutrophil|granulocyte", "#b19f60"),
    (r"mastcell|^mast|basophil", "#a87b18"),
    (r"plasmacell|plasmablast|^plasma", "#b9790f"),
    (r"treg|regulatoryt", "#3cb1d5"),
    (r"gammadelta|^tgd|^gdt|mait", "#4e96cc"),
    (r"nktcell|^nkt|tnk", "#335733"),
    (r"naturalkiller|^nk|nkcell|cd56nk", "#9fba84"),
    (r"cd8", "#185760"),
    (r"cd4(?!\d)", "#45d5cc"),
    (r"^tcell|tcells?$|tcell|tlymph|cytotoxict|^tlympho", "#18a8a8"),
    (r"^bcell|bcells?$|bcell|blymph|cd19|^b$", "#d9a406"),
    (r"innatelymphoid|^ilcs?\d?$", "#456957"),
    (r"erythro|redblood|^rbcs?$", "#8a4a3c"),
    (r"platelet|megakaryo", "#b06fd0"),
    (r"hematopoieticstem|haematopoieticstem|progenitor|cd34|stemcell", "#2a609f"),
    (r"cycling|proliferat|dividing", "#6f7f2f"),
    (r"epitheli", "#5fae3f"),
)  # fmt: skip
_KNOWN = tuple((re.compile(pattern), color) for pattern, color in _CELL_TYPES)
_STAGE_OF = {word: rank for rank, words in enumerate(DISEASE_STAGES) for word in words}
# In OKLab: what two neighbouring colours of one column differ by at least, where there is room.
MIN_DISTANCE = 0.045


def categories(names: Sequence[str]) -> tuple[str, ...]:
    """Return one ``#rrggbb`` a category, in their order.

    A column of disease stages gets the ordered ramp, the same colour for a stage everywhere; known cell types get
    theirs, and variants of one type (*CD8 T naive*, *CD8 T memory*) lighter and darker kinds of it; the rest gets the
    colours of `CATEGORICAL` that stand farthest from those, in order. All of it depends on the names alone.
    """
    return _categories(tuple(names))


@lru_cache(maxsize=256)
def _categories(names: tuple[str, ...]) -> tuple[str, ...]:
    if stage_order(names) is not None:
        return _stages(names)
    known = [cell_type(name) for name in names]
    chosen: list[str | None] = [None] * len(names)
    used: list[str] = []
    for index, color in enumerate(known):
        if color is not None:
            chosen[index] = _variant(color, used)
            used.append(chosen[index] or color)
    place = 0
    for index, color in enumerate(chosen):
        if color is None:
            while place < len(CATEGORICAL) and any(_near(CATEGORICAL[place], other) for other in used):
                place += 1
            chosen[index] = generated(place)
            place += 1
    return tuple(color or CATEGORICAL[0] for color in chosen)


def cell_type(name: str) -> str | None:
    """Return the colour of a known cell type, or None."""
    text = plain(name)
    return next((color for pattern, color in _KNOWN if pattern.search(text)), None)


def generated(index: int) -> str:
    """Return the colour of the index-th category without a meaning of its own: `CATEGORICAL`, then variations."""
    colors = _extended()
    return colors[index % len(colors)]


@lru_cache(maxsize=1)
def _extended() -> tuple[str, ...]:
    """Return `CATEGORICAL` and its variations, those first that differ most from all before them."""
    found: list[str] = list(CATEGORICAL)
    left = [varied(color, step) for step in range(1, len(VARIATIONS) + 1) for color in CATEGORICAL]
    for distance in (MIN_DISTANCE, 0.7 * MIN_DISTANCE, 0.4 * MIN_DISTANCE):
        rest: list[str] = []
        for color in left:
            taken = any(_near(color, other, distance) for other in found)
            (rest if taken else found).append(color)
        left = rest
    return tuple(found)


def ramp(which: str, theme: Theme) -> tuple[str, ...]:
    """Return evenly spaced stops of a scale, low to high: ``expression``, ``number``, ``score``, or one of `SCALES`."""
    own = (_DARK_RAMPS if theme.name == "dark" else _RAMPS).get(which)
    return own or _plotly(SCALES[which][0])


@lru_cache(maxsize=16)
def _plotly(name: str) -> tuple[str, ...]:
    colors = [str(color) for _, color in get_colorscale(name)]
    return tuple(color if color.startswith("#") else _hex(color) for color in colors)


def _hex(color: str) -> str:
    """Convert ``rgb(r,g,b)`` to ``#rrggbb``."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", color)[:3])


@lru_cache(maxsize=4)
def _blend_of(steps: int, theme: str) -> tuple[str, ...]:
    neither, first, second, both = (linear(color) for color in _BLEND[theme])

    def mixed(one: float, other: float) -> str:
        parts = zip(neither, first, second, both, strict=True)
        weights = ((1 - one) * (1 - other), one * (1 - other), (1 - one) * other, one * other)
        channels = [sum(w * c for w, c in zip(weights, part, strict=True)) for part in parts]
        return from_linear((channels[0], channels[1], channels[2]))

    shares = [step / (steps - 1) for step in range(steps)]
    return tuple(mixed(one, other) for one in shares for other in shares)


def blend_of(steps: int, theme: Theme) -> tuple[str, ...]:
    """Return the colours of two values at once, `steps` of each: one hue for each, and a third where both are high."""
    return _blend_of(steps, theme.name)


def _stages(names: Sequence[str]) -> tuple[str, ...]:
    ranks = [_STAGE_OF[plain(name)] for name in names]
    if len(set(ranks)) == len(ranks):
        places = dict(zip(names, (rank / (len(DISEASE_STAGES) - 1) for rank in ranks), strict=True))
    else:  # two words for one stage: equal steps instead
        places = {name: place / (len(names) - 1) for place, name in enumerate(stage_order(names) or names)}
    return tuple(blend(STAGES, places[name]) for name in names)


def _variant(color: str, used: list[str]) -> str:
    tries = [varied(color, step) for step in range(len(VARIATIONS) + 1)]
    distinct = (tried for tried in tries if not any(_near(tried, other) for other in used))
    return next(distinct, tries[len(used) % len(tries)])


def _near(one: str, other: str, distance: float = MIN_DISTANCE) -> bool:
    return sum((x - y) ** 2 for x, y in zip(oklab(one), oklab(other), strict=True)) < distance**2
