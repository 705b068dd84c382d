"""Controls of an embedded figure: the parameters of its address that a visitor may change, and their choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from core.analysis.contrasts import usable_columns
from core.analysis.correlation import METHODS
from core.atlas.nouns import heading
from core.figures.palette import OWN, SCALES
from core.urls.figure_specs import FIGURES
from core.urls.permalinks import panel_of
from core.views.explore.state import COLORS
from core.views.explore.tokens import GENE, GENE_B, WORDS, token_of
from core.views.formatting import METHODS as METHOD_WORDS
from core.views.resolve import categorical, colorable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.embed.target import Target
    from core.urls.figure_specs import Control
    from core.views.result import Facts

    Field = dict[str, Any]
    Parameters = dict[str, Any]
    Maker = Callable[[Target, Parameters], Field | None]

SCALE_WORDS = {"": "Usual colours", **{name: name.capitalize() for name in SCALES}}


def controls_of(target: Target, facts: Facts) -> list[dict[str, Any]]:
    """List the controls of a figure, as ``assets/embed/frame.js`` builds them, with what they show now.

    Each names the parameter it sets; ``also`` are others that are set with it, and ``drop`` those that are then
    removed, since they would contradict it. A control of the kind ``gene`` has a search, one of the kind ``choice`` has
    ``options``.
    """
    given = cast("Parameters", facts["parameters"])
    fields = (MAKERS[name](target, given) for name in FIGURES[target.view].controls)
    return [field for field in fields if field is not None]


def _gene(
    value: object,
    *,
    name: str = "gene",
    label: str = "Gene",
    also: Mapping[str, str] | None = None,
    drop: Sequence[str] = (),
) -> Field:
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
) -> Field:
    return {
        "kind": "choice",
        "name": name,
        "label": label,
        "value": str(value or ""),
        "options": [list(pair) for pair in options],
        "also": {},
        "drop": list(drop),
    }


def _columns(target: Target, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, heading(target.atlas, name)) for name in names]


def _map_gene(target: Target, given: Parameters) -> Field:
    color = str(given.get("color", ""))
    shown = given.get("gene") if color == GENE else given.get("gene_b") if color == GENE_B else ""
    return _gene(shown, also={_map_parameter(target): GENE})


def _map_color(target: Target, given: Parameters) -> Field:
    color = str(given.get("color", ""))
    colors = [(token_of(column.name), heading(target.atlas, column.name)) for column in colorable(target.atlas)]
    special = [token for token in (color, GENE) if token in WORDS]
    named = {GENE: str(given.get("gene", "")), GENE_B: str(given.get("gene_b", ""))}
    colors += [(token, named.get(token) or WORDS[token]) for token in dict.fromkeys(special)]
    return _choice(_map_parameter(target), "Colour", color, colors)


def _map_scale(target: Target, given: Parameters) -> Field | None:
    """List the palettes of numbers; of categories, those of the author and ours where the author chose some."""
    color = str(given.get("color", ""))
    column = target.atlas.column_info(color) if color not in WORDS else None
    if column is not None and column.kind != "numeric":
        words = [("", "Colours of the author"), (OWN, "Usual colours")]
        return _choice("scale", "Palette", given.get("scale"), words) if column.colors else None
    return _choice("scale", "Palette", given.get("scale"), list(SCALE_WORDS.items()))


def _map_parameter(target: Target) -> str:
    """Return the parameter that colours the map of the address."""
    return COLORS[panel_of(target.view, target.search) - 1]


def _rows(target: Target, given: Parameters, drop: Sequence[str] = ("split",)) -> Field:
    return _choice("by", "Rows", given.get("by"), _columns(target, categorical(target.atlas)), drop)


def _parts(target: Target, given: Parameters) -> Field:
    # The column of the samples cannot be its own composition.
    names = [name for name in categorical(target.atlas) if name != given.get("sample")]
    return _choice("by", "Made of", given.get("by"), _columns(target, names), ("split",))


def _panel_gene(target: Target, given: Parameters) -> Field:
    name = "gene" if panel_of(target.view, target.search) == 1 else "gene_b"
    return _gene(given.get(name), name=name)


def _matrix_gene(target: Target, given: Parameters) -> Field | None:
    """Search gene A; a list of genes stays as the author of the link chose it."""
    return None if str(getattr(target.query, "genes", "")).strip() else _gene(given.get("gene"))


def _compared(target: Target, given: Parameters) -> Field | None:
    """List the columns that can be compared; no control where two selections are compared."""
    if not given.get("by"):
        return None
    usable = usable_columns(target.atlas)
    names = [name for name in categorical(target.atlas) if name in usable]
    return _choice("by", "Column", given["by"], _columns(target, names), ("category",))


def _category(target: Target, given: Parameters) -> Field | None:
    """List the categories of the column; no control where two selections are compared."""
    if not given.get("by"):
        return None
    categories = target.atlas.categorical(str(given["by"])).categories
    return _choice("category", "Category", given.get("category"), [(name, name) for name in categories], ("gene",))


def _cell_type(target: Target, given: Parameters) -> Field | None:
    """List the cell types of a comparison of samples; no control where all cells are taken together."""
    if not given.get("types"):
        return None
    names = target.atlas.categorical(str(given["types"])).categories
    return _choice("cell_type", "Cell type", given.get("cell_type"), [(name, name) for name in names])


def _family_gene(target: Target, given: Parameters) -> Field | None:
    """Search a gene of the reference, whose species is told from its name; a list stays as the author chose it."""
    if str(getattr(target.query, "genes", "")).strip():
        return None
    return _gene(given.get("gene"), drop=("species",))


def _listed(given: Parameters, name: str) -> list[tuple[str, str]]:
    """List what the parameters of a figure name as the choices there were."""
    return [(each, each) for each in cast("Sequence[str]", given.get(name) or ())]


MAKERS: Mapping[Control, Maker] = {
    "family_gene": _family_gene,
    "gene": lambda _, given: _gene(given.get("gene")),
    "gene_a": lambda _, given: _gene(given.get("gene"), label="Gene A"),
    "gene_b": lambda _, given: _gene(given.get("gene_b"), name="gene_b", label="Gene B"),
    "panel_gene": _panel_gene,
    "ranked_gene": lambda _, given: _gene(given.get("gene"), drop=("gene_b",)),
    "matrix_gene": _matrix_gene,
    "named_gene": lambda _, given: _gene(given.get("gene"), label="Named gene"),
    "shown_gene": lambda _, given: _gene(given.get("gene"), drop=("show",)),
    "map_gene": _map_gene,
    "map_color": _map_color,
    "map_scale": _map_scale,
    "rows": _rows,
    "panel_rows": lambda target, given: _rows(target, given, ("split", "panel")),
    "parts": _parts,
    "plot": lambda _, given: _choice("plot", "As", given.get("plot"), [("violin", "Violins"), ("box", "Boxes")]),
    "measure": lambda _, given: _choice(
        "measure", "Value", given.get("measure"), [("mean", "Mean"), ("percent", "% expressing")]
    ),
    "split": lambda target, given: _choice(
        "split", "Split by", given.get("split"), [("", "Nothing"), *_columns(target, categorical(target.atlas))]
    ),
    "method": lambda _, given: _choice(
        "method", "Method", given.get("method"), [(name, METHOD_WORDS[name]) for name in METHODS]
    ),
    "strata": lambda target, given: _choice("by", "Of", given.get("by"), _columns(target, categorical(target.atlas))),
    "second": lambda _, given: _choice("second", "Second atlas", given.get("other"), _listed(given, "others")),
    "pair_type": lambda _, given: _choice(
        "cell_type", "Cell type", given.get("cell_type"), _listed(given, "cell_types")
    ),
    "compared": _compared,
    "category": _category,
    "cell_type": _cell_type,
}
