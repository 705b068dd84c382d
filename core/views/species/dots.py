"""Dot plot across species: a gene, or a list, in the matching cell types of several atlases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.analysis.provenance import n_samples_of, of_atlas
from core.analysis.species_dots import OF_ANOTHER, is_elsewhere
from core.atlas.nouns import counted, sample_noun
from core.errors import UnknownGene
from core.figures.print_style import fitted
from core.figures.species_dots import MARKS, least_width, species_dots
from core.genes.lists import words as names_of
from core.genes.orthologs import species_of
from core.selection.model import Selection
from core.services.match_verdicts import marked, verdicts
from core.services.species_dots import answer, named_list, params_of
from core.views.layout import Layout
from core.views.result import SIMULATED, Subject, Words
from core.views.species.state import resolve
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.atlas.store import Atlas
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.genes.ortholog_table import Species
    from core.services.cell_types import Matching
    from core.services.container import Services
    from core.services.gene_family import NamedGene
    from core.services.match_verdicts import Verdicts
    from core.views.species.state import SpeciesView

RANK = (
    "rank percentile of the mean of the gene among all genes of the atlas in these cells (100, the highest), which is "
    "free of sequencing depth"
)
MAX_NAMED = 5


@dataclass(frozen=True)
class SpeciesDots:
    """Genes in the matching cell types of several atlases.

    Attributes
    ----------
    atlases : in the order of the columns, the reference first
    genes : those of the rows
    missing : names of the list that no species has, each with a sentence
    table : that of `core.analysis.species_dots.species_dots`, with ``auroc`` and ``warning``
    verdicts : how alike the matched cell types are; None where that was not computed
    """

    view: SpeciesView
    atlases: tuple[Atlas, ...]
    matching: Matching
    genes: tuple[NamedGene, ...]
    missing: tuple[tuple[str, str], ...]
    table: pa.Table
    verdicts: Verdicts | None

    @property
    def titles(self) -> dict[str, str]:
        """Name of each column by the id of its atlas."""
        species = [atlas.manifest.species for atlas in self.atlases]
        alone = {name for name in species if species.count(name) == 1}
        return {atlas.id: _title(atlas, is_alone=atlas.manifest.species in alone) for atlas in self.atlases}

    @property
    def absent(self) -> list[str]:
        """Sentences on the genes without a counterpart, each once."""
        rows = self.table.select(["symbol", "why", "row"]).to_pylist()
        told = dict.fromkeys(row["why"] for row in rows if not row["symbol"])
        return [why for why in told if why and not why.endswith(OF_ANOTHER)]

    @property
    def alike(self) -> str:
        """Say which matched types are hardly alike, before another sentence; empty where all are, or unknown."""
        if self.verdicts is None or not self.verdicts.sentence:
            return ""
        return f" {'Dotted frames: ' if self.verdicts.below else ''}{self.verdicts.sentence}"

    @property
    def n(self) -> str:
        """Cells and samples of each atlas, for a sentence."""
        return "; ".join(_counted(atlas) for atlas in self.atlases)


def compute(services: Services, view: SpeciesView, *, judge: bool = True) -> SpeciesDots:
    """Find the genes and their orthologs, match the cell types, and measure.

    Parameters
    ----------
    judge
        Compute how alike the matched cell types are, which takes longer than all the rest.

    Raises
    ------
    InvalidQuery
        The reference has no cell types, no name of the list is a gene, or no cell type matches.
    """
    atlases, matching = (view.atlas, *view.others), view.matching
    genes, missing = [view.gene], []
    if view.query.genes.strip():
        genes, missing = named_list(services, names_of(view.query.genes), species_of(view.atlas) or "")
    if not genes:
        raise UnknownGene("No name of the list is a gene of human, mouse or zebrafish.", "Check the spelling.")
    params = params_of(services, genes, atlases, matching)
    said = verdicts(services, view.atlas, view.others, matching) if judge else None
    table = marked(answer(services, atlases, params).value, said)
    return SpeciesDots(view, atlases, matching, tuple(genes), tuple(missing), table, said)


def draw(result: SpeciesDots, theme: Theme, width: float = 0.0) -> Json:
    """Draw the dots."""
    return species_dots(result.table, result.titles, theme, width)


def words(result: SpeciesDots) -> Words:
    """Describe the dots, and how cell types and genes were matched."""
    names = ", ".join(named.gene for named in result.genes[:MAX_NAMED])
    more = f" and {len(result.genes) - MAX_NAMED:,} more" if len(result.genes) > MAX_NAMED else ""
    absent = " ".join(result.absent)
    note = (
        f"Dot size: percentage of cells expressing the gene. Colour: rank percentile of the gene in these cells. "
        f"Marks: {MARKS}. {result.matching.sentence}{result.alike} {absent}"
    ).strip()
    return Words(
        f"{names}{more} across species",
        f"Dot size shows the percentage of cells expressing the gene; colour, the {RANK}. {MARKS}. Paralogs "
        f"have rows of their own. {f'{absent} ' if absent else ''}{result.matching.sentence}{result.alike} Cells and "
        f"samples: {result.n}.",
        f"Genes were related by their orthologs ({_sources(result)}). Cell types were matched by name, else by "
        f"lineage, or as edited: {result.matching.sentence} In the cells of each matching type, the percentage with a "
        "value above zero and the mean of the linear values were computed for every gene; the mean was ranked among "
        f"all genes of the atlas in these cells, and the mid-rank given as a percentile. Versions: {_atlases(result)}.",
        {
            "gene": result.genes[0].gene,
            "genes": [f"{named.gene} ({named.species})" for named in result.genes],
            "atlases": [of_atlas(atlas.manifest) for atlas in result.atlases],
            "matching": result.matching.sentence,
            "match": result.view.query.match,
            "below_auroc": result.verdicts.below if result.verdicts else None,
        },
        note,
        f"{names}{more} in matching cell types of {counted(len(result.atlases), 'atlas')}",
    )


def subject(result: SpeciesDots) -> Subject:
    """Name the data of the figure."""
    view = result.view
    notes = tuple(f"{name}: {why}" for name, why in result.missing[:MAX_NAMED])
    n = sum(atlas.n_cells for atlas in result.atlases)
    counts = [n_samples_of(atlas, Selection()) for atlas in result.atlases]
    n_samples = sum(each or 0 for each in counts) if all(each is not None for each in counts) else None
    beside = tuple(atlas.manifest for atlas in result.atlases[1:])
    return Subject(view.atlas, view.query, view.state, n_cells=n, n_samples=n_samples, notes=notes, beside=beside)


def tables(result: SpeciesDots) -> dict[str, pa.Table]:
    """Return one row a gene row, cell type and atlas."""
    return {"dotplot": result.table}


def layout(result: SpeciesDots, look: Look) -> Layout:
    """Lay the dots out for a width, so that no two names overlap."""
    least = (least_width(result.table), 0.0)
    paper = look if look.screen else fitted(look, least)
    figure = vector(draw(result, look.colors, max(paper.pixels(paper.width), least[0])))
    return Layout(figure, look, least, "Compare fewer genes")


def _title(atlas: Atlas, *, is_alone: bool) -> str:
    """Name an atlas by its species where no other is of the same."""
    manifest = atlas.manifest
    species = manifest.species.capitalize()
    name = species if is_alone else f"{species}: {manifest.name.replace('_', ' ')}"
    return f"{name} {SIMULATED}" if manifest.simulated else name


def _counted(atlas: Atlas) -> str:
    n = n_samples_of(atlas, Selection())
    samples = f" of {counted(n, sample_noun(atlas))}" if n is not None else ""
    return f"{atlas.id}, {counted(atlas.n_cells, 'cell')}{samples}"


def _atlases(result: SpeciesDots) -> str:
    return "; ".join(
        f"{atlas.id}, {atlas.manifest.content_hash[:12]}{', SIMULATED' if atlas.manifest.simulated else ''}"
        for atlas in result.atlases
    )


def _sources(result: SpeciesDots) -> str:
    orthologs = result.view.services.orthologs
    species: dict[Species, None] = dict.fromkeys(
        each for each in map(species_of, result.atlases) if each is not None and each != "human"
    )
    return "; ".join(f"{each}: {orthologs.source(each)}" for each in species) or "one species only"


VIEW = View(resolve, compute, draw, words, subject, tables, layout)

__all__ = ["VIEW", "SpeciesDots", "compute", "draw", "is_elsewhere", "words"]
