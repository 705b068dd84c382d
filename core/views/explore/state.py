"""State of the page Explore, resolved from an address, and the problems of the address."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.analysis.gene_set_scores import METHODS, ScoreParams, expanded
from core.analysis.zonation_axis import axis_of
from core.atlas.embedding_axes import plane_of
from core.atlas.store import EXPRESSION
from core.figures.palette import OWN, SCALES
from core.genes.examples import example_gene
from core.genes.lists import look_up
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.services.memoized import answer
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import ExploreQuery
from core.views import resolve as shared
from core.views.explore.tokens import BLEND, GENE, GENE_B, NONE, WORDS, column_of, token_of
from core.views.resolve import Problem, categorical, colorable
from core.views.view import PageView

if TYPE_CHECKING:
    from core.arrays import Floats
    from core.atlas.manifest import EmbeddingInfo
    from core.atlas.store import Atlas
    from core.genes.lists import GeneList
    from core.genes.orthologs import Orthologs
    from core.services.container import Services

COLORS = ("color", "color_2", "color_3", "color_4")
TABS = ("violins", "dots", "composition", "sets", "zonation")
MEASURES = ("mean", "percent")
SHOWN = ("gene", "gene_b")
LABEL_PARAMETERS = ("labels", "labels_2", "labels_3", "labels_4")
LABELS = ("on", "off", "hover")
# Defaults, which are left out of an address.
DEFAULTS = {
    "layer": EXPRESSION, "color_2": GENE, "color_3": NONE, "color_4": NONE, "show": "gene", "tab": TABS[0],
    "score": METHODS[0], "plot": "violin", "size": "1", "opacity": "1", "order": "high",
    "measure": MEASURES[0],
}  # fmt: skip
ZONATION = "zonation"
WANTED = (
    "Zonation needs a column named zonation, zone, layer or eta, or cell types such as periportal and pericentral "
    "hepatocytes."
)
FACTORS = {"size": (0.2, 5.0), "opacity": (0.05, 1.0)}
MAX_FACETS = 12


@dataclass(frozen=True)
class ExploreView(PageView):
    """State of the page Explore; parameters that have a default, of `DEFAULTS` or of the atlas, are set.

    Attributes
    ----------
    zoom
        The part of the map that the address shows; see `core.views.explore.embedding`.
    """

    query: ExploreQuery
    services: Services = field(repr=False, compare=False)
    zoom: str = field(default="", kw_only=True)

    @property
    def canonical(self) -> ExploreQuery:
        """Return the same query without defaults."""
        return canonical(self.query)

    @property
    def state(self) -> str:
        """Canonical address."""
        return self.canonical.search()

    @property
    def by(self) -> str:
        """Column of the rows: the chosen one, else that of the first map, else the cell type."""
        if self.query.by:
            return self.query.by
        column = column_of(self.query.color)
        info = self.atlas.column_info(column) if column else None
        if info is not None and info.kind == "categorical":
            return info.name
        return self.atlas.manifest.roles.get("cell_type", "")

    @property
    def shown_gene(self) -> str:
        """Gene of the violins and of the table."""
        return self.query.gene_b if self.query.show == "gene_b" and self.query.gene_b else self.query.gene

    @property
    def plane(self) -> tuple[EmbeddingInfo, tuple[int, int]] | None:
        """Embedding and its two axes; None where the atlas has no embedding."""
        return plane_of(self.atlas, self.query.embedding) if self.query.embedding else None

    @property
    def tokens(self) -> list[str]:
        """Tokens of the maps, in order; `NONE` for a map that is not shown."""
        return [str(getattr(self.query, name)) for name in COLORS]

    @property
    def is_raster(self) -> bool:
        """True where there are too many cells to send: the maps are then images."""
        return self.atlas.n_cells > self.services.settings.raster_above

    def hidden(self, column: str) -> frozenset[str]:
        """Return the hidden categories of a column; an empty text stands for cells without a category."""
        hide = Selection.from_text(self.query.hide)
        shown = next((set(kept) for other in hide.excluded for name, kept in other.where if name == column), None)
        if shown is None:
            return frozenset(dict(hide.where).get(column, ()))
        return frozenset({*self.atlas.categorical(column).categories, ""} - shown)

    def hiding(self, column: str, hidden: set[str]) -> str:
        """Return the address of the page with other categories of a column hidden."""
        hide = Selection.from_text(self.query.hide)
        every = {*self.atlas.categorical(column).categories, ""}
        where = {name: kept for name, kept in hide.where if name != column}
        others = [other for other in hide.excluded if all(name != column for name, _ in other.where)]
        # Keep the shorter text: the hidden categories, or their complement.
        if len(hidden) <= len(every) / 2:
            where[column] = tuple(hidden)
        else:
            others.append(Selection.of({column: every - hidden}))
        return self.canonical.but(hide=Selection.of(where, excluded=others).text()).address

    @property
    def facets(self) -> list[str]:
        """Categories that have a map each, in their order: those with selected cells, the first twelve."""
        if not self.query.facet:
            return []
        column = self.atlas.categorical(self.query.facet)
        codes = column.codes[mask_of(self.atlas, self.query.selection)]
        present = set(codes[codes >= 0].tolist())
        return [name for code, name in enumerate(column.categories) if code in present][:MAX_FACETS]

    def set_text(self, letter: str) -> str:
        """Return gene set A or B as it was pasted."""
        return self.query.set_a if letter == "A" else self.query.set_b

    def set_name(self, letter: str) -> str:
        """Return the name of gene set A or B."""
        return (self.query.name_a if letter == "A" else self.query.name_b) or f"Gene set {letter}"

    def listed(self, letter: str) -> GeneList:
        """Look up gene set A or B in this atlas."""
        return look_up(self.atlas.genes, expanded(self.services.gene_sets, self.set_text(letter)))

    def scored(self, listed: GeneList) -> Floats:
        """Score every cell for a set of genes of the atlas."""
        params = ScoreParams.of(self.atlas, listed.genes, self.query.score, self.query.layer)
        return answer(self.services, self.atlas, params).value["score"].to_numpy()


def canonical(query: ExploreQuery) -> ExploreQuery:
    """Return the same query without defaults."""
    return query.but(**{name: "" for name, value in DEFAULTS.items() if getattr(query, name) == value})


def resolve(services: Services, search: str) -> tuple[ExploreView | None, list[Problem]]:
    """Resolve an address; defaults of the atlas replace what is missing or invalid.

    Returns
    -------
    view
        None when there is no readable atlas at all.
    problems
        One for each broken part, in the order of the address.
    """
    query, problems = shared.read(ExploreQuery, search)
    atlas = shared.atlas_of(services.catalog, query, problems)
    if atlas is None:
        return None, problems
    # The part of the page that shows the figure of a permalink is opened.
    linked = FIGURES.get(shared.linked(atlas, search, problems))
    query = query.but(atlas=atlas.id, tab=linked.tab if linked and linked.tab else query.tab)
    query = query.but(selection=shared.selection_of(atlas, query, problems))
    # Every choice that a problem offers keeps the rest of the address.
    query = query.but(gene=shared.gene_of(atlas, query, problems, services.orthologs))
    for name in COLORS:
        query = query.but(**{name: _color(atlas, query, name, problems)})
    query = query.but(embedding=shared.embedding_of(atlas, query, problems))
    query = query.but(layer=shared.layer_of(atlas, query, problems))
    query = query.but(gene_b=_second_gene(atlas, query, problems, services.orthologs))
    for name in ("facet", "by", "split"):
        query = query.but(**{name: _category(atlas, query, name, problems)})
    for name, known in (("show", SHOWN), ("tab", TABS), ("score", METHODS), ("plot", ("violin", "box")),
                        ("order", ("high", "file")), ("measure", MEASURES), ("scale", (*SCALES, OWN)),
                        *((name, LABELS) for name in LABEL_PARAMETERS)):  # fmt: skip
        query = query.but(**{name: _one_of(query, name, known, problems)})
    query = query.but(tab=_with_zonation(atlas, query, problems))
    for name in ("clip", *FACTORS):
        query = query.but(**{name: _number(query, name, problems)})
    query = query.but(hide=shared.kept_selection(atlas, query.hide, "hide: ", problems))
    return ExploreView(atlas, query, services, zoom=shared.zoom_of(search)), problems


def _with_zonation(atlas: Atlas, query: ExploreQuery, problems: list[Problem]) -> str:
    """Return the tab; the first one instead of that of the zonation where the atlas has none."""
    if query.tab != ZONATION or axis_of(atlas) is not None:
        return query.tab
    problems.append(Problem(f"{atlas.id} has no column that orders cells along the lobule.", WANTED, harmless=True))
    return TABS[0]


def _color(atlas: Atlas, query: ExploreQuery, name: str, problems: list[Problem]) -> str:
    """Return the token of one of the maps; the first cannot be left out."""
    columns = [column.name for column in colorable(atlas)]
    known = [*map(token_of, columns), *(token for token in WORDS if token != NONE or name != COLORS[0])]
    default = DEFAULTS.get(name, "")
    if not default:
        preferred = atlas.manifest.roles.get("cell_type", "")
        default = token_of(preferred if preferred in columns else next(iter([*categorical(atlas), *columns]), ""))
    return shared.one_of(
        known,
        str(getattr(query, name)),
        default,
        lambda value: query.but(**{name: value}),
        problems,
        f"a column {{}} in {atlas.id}",
    )


def _second_gene(atlas: Atlas, query: ExploreQuery, problems: list[Problem], orthologs: Orthologs) -> str:
    """Return the second gene; an example when a map needs one and none was given."""
    if query.gene_b:
        return shared.gene_of(atlas, query, problems, orthologs, "gene_b")
    needed = {GENE_B, BLEND} & {str(getattr(query, name)) for name in COLORS} or query.show == "gene_b"
    return example_gene(atlas, besides=query.gene) if needed else ""


def _category(atlas: Atlas, query: ExploreQuery, name: str, problems: list[Problem]) -> str:
    thing = f"a column {{}} of categories in {atlas.id}"
    return shared.one_of(
        categorical(atlas),
        str(getattr(query, name)),
        "",
        lambda value: query.but(**{name: value}),
        problems,
        thing,
    )


def _one_of(query: ExploreQuery, name: str, known: tuple[str, ...], problems: list[Problem]) -> str:
    return shared.one_of(
        list(known),
        str(getattr(query, name)),
        DEFAULTS.get(name, ""),
        lambda value: query.but(**{name: value}),
        problems,
        f"a value {{}} of {name}",
    )


def _number(query: ExploreQuery, name: str, problems: list[Problem]) -> str:
    text = str(getattr(query, name))
    if not text:
        return DEFAULTS.get(name, "")
    percentile = name == "clip" and text.startswith("p")
    try:
        value = float(text.removeprefix("p") if percentile else text)
    except ValueError:
        value = math.nan
    low, high = FACTORS.get(name, (0.0, 100.0 if percentile else math.inf))
    if low <= value <= high and (name in FACTORS or value > 0) and math.isfinite(value):
        return f"{'p' if percentile else ''}{value:g}"
    problems.append(Problem(f"{name}={text[:40]!r} is not a valid number and is left out."))
    return DEFAULTS.get(name, "")
