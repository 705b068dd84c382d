"""What a visitor may change in an embedded view: for each view the parameters of its address, and their choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from core.analysis.contrasts import usable_columns
from core.analysis.correlation import METHODS
from core.figures.palette import SCALES
from core.urls.permalinks import panel_of
from core.views.explore.state import COLORS
from core.views.explore.tokens import GENE, GENE_B, WORDS, token_of
from core.views.formatting import METHODS as METHOD_WORDS
from core.views.resolve import categorical, colourable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.embed.target import Target
    from core.views.result import Facts

    Control = dict[str, Any]
    Parameters = dict[str, Any]
    Make = Callable[[Target, Parameters], Sequence[Control]]

SCALE_WORDS = {"": "Usual colours", **{name: name.capitalize() for name in SCALES}}


def controls_of(target: Target, facts: Facts) -> list[dict[str, Any]]:
    """The controls of a view, as ``assets/embed/frame.js`` builds them, with what they show now.

    Each names the parameter it sets; ``also`` are others that are set with it, and ``drop`` those that then go, since
    they would contradict it. A control of the kind ``gene`` has a search, one of the kind ``choice`` has ``options``.
    """
    make = MAKERS.get(target.view)
    return list(make(target, cast("Parameters", facts["parameters"]))) if make else []


def _gene(
    value: object,
    *,
    name: str = "gene",
    label: str = "Gene",
    also: Mapping[str, str] | None = None,
    drop: Sequence[str] = (),
) -> Control:
    return {
        "kind": "gene",
        "name": name,
        "label": label,
        "value": str(value or ""),
        "also": dict(also or {}),
        "drop": list(drop),
    }


def _choice(
    name: str, label: str, value: object, options: Sequence[tuple[str, str]], drop: Sequence[str] = ()
) -> Control:
    return {
        "kind": "choice",
        "name": name,
        "label": label,
        "value": str(value or ""),
        "options": [list(pair) for pair in options],
        "also": {},
        "drop": list(drop),
    }


def _columns(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


def _embedding(target: Target, given: Parameters) -> Sequence[Control]:
    atlas, name = target.atlas, COLORS[panel_of(target.view, target.search) - 1]
    color = str(given.get("color", ""))
    shown = given.get("gene") if color == GENE else given.get("gene_b") if color == GENE_B else ""
    colours = [(token_of(it.name), it.name) for it in colourable(atlas)]
    special = [token for token in (color, GENE) if token in WORDS]
    named = {GENE: str(given.get("gene", "")), GENE_B: str(given.get("gene_b", ""))}
    colours += [(token, named.get(token) or WORDS[token]) for token in dict.fromkeys(special)]
    found = [
        _gene(shown, also={name: GENE}),
        _choice(name, "Colour", color, colours),
    ]
    column = atlas.manifest.column(color) if color not in WORDS else None
    if column is None or column.kind == "numeric":
        found.append(_choice("scale", "Palette", given.get("scale"), list(SCALE_WORDS.items())))
    return found


def _set_violin(target: Target, given: Parameters) -> Sequence[Control]:
    return [_choice("by", "Rows", given.get("by"), _columns(categorical(target.atlas)), ("split", "panel"))]


def _violin(target: Target, given: Parameters) -> Sequence[Control]:
    return [
        _gene(given.get("gene"), drop=("show",)),
        _choice("by", "Rows", given.get("by"), _columns(categorical(target.atlas)), ("split", "panel")),
        _choice("plot", "As", given.get("plot"), [("violin", "Violins"), ("box", "Boxes")]),
    ]


def _rows(target: Target, given: Parameters) -> Sequence[Control]:
    return [_choice("by", "Rows", given.get("by"), _columns(categorical(target.atlas)), ("split",))]


def _composition(target: Target, given: Parameters) -> Sequence[Control]:
    # Nothing is made of itself.
    names = [name for name in categorical(target.atlas) if name != given.get("sample")]
    return [_choice("by", "Made of", given.get("by"), _columns(names), ("split",))]


def _method(given: Parameters) -> Control:
    return _choice("method", "Method", given.get("method"), [(name, METHOD_WORDS[name]) for name in METHODS])


def _scatter(_target: Target, given: Parameters) -> Sequence[Control]:
    return [
        _gene(given.get("gene"), label="Gene A"),
        _gene(given.get("gene_b"), name="gene_b", label="Gene B"),
        _method(given),
    ]


def _pair_map(target: Target, given: Parameters) -> Sequence[Control]:
    name = "gene" if panel_of(target.view, target.search) == 1 else "gene_b"
    return [_gene(given.get(name), name=name)]


def _forest(target: Target, given: Parameters) -> Sequence[Control]:
    of = _choice("by", "Of", given.get("by"), _columns(categorical(target.atlas)))
    return [*_scatter(target, given), of]


def _ranking(_target: Target, given: Parameters) -> Sequence[Control]:
    return [_gene(given.get("gene"), drop=("gene_b",)), _method(given)]


def _matrix(target: Target, given: Parameters) -> Sequence[Control]:
    # A list stays what it is: it was chosen by whoever made the link.
    gene = [] if str(getattr(target.query, "genes", "")).strip() else [_gene(given.get("gene"))]
    return [*gene, _method(given)]


def _markers(target: Target, given: Parameters) -> Sequence[Control]:
    found = [_gene(given.get("gene"), label="Named gene"), *_marker_columns(target, given)]
    if given.get("by"):
        categories = target.atlas.categorical(str(given["by"])).categories
        found.append(_choice("category", "Category", given.get("category"), _columns(categories), ("gene",)))
    return found


def _marker_violin(target: Target, given: Parameters) -> Sequence[Control]:
    return [_gene(given.get("gene")), *_marker_columns(target, given)]


def _marker_columns(target: Target, given: Parameters) -> Sequence[Control]:
    """The column whose categories are compared; none where two selections are."""
    if not given.get("by"):
        return []
    usable = usable_columns(target.atlas)
    names = [name for name in categorical(target.atlas) if name in usable]
    return [_choice("by", "Column", given["by"], _columns(names), ("category",))]


MAKERS: dict[str, Make] = {
    "embedding": _embedding,
    "violin": _violin,
    "set_violin": _set_violin,
    "dotplot": _rows,
    "composition": _composition,
    "scatter": _scatter,
    "ranking": _ranking,
    "matrix": _matrix,
    "markers": _markers,
    "pair_map": _pair_map,
    "heatmap": _rows,
    "forest": _forest,
    "marker_violin": _marker_violin,
    "marker_dotplot": _marker_columns,
    "marker_heatmap": _marker_columns,
}
