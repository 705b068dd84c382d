"""Resolution of addresses, shared by all pages: atlas, gene, selection, and their problems.

Each function takes the query of the address, appends a `Problem` for what is not valid for the atlas, and returns what
is shown instead. Every choice that a problem offers keeps the rest of the address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs

from core.atlas.embedding_axes import planes
from core.atlas.gene_index import is_ensembl, not_found
from core.atlas.nouns import ROLES
from core.atlas.spelling import cleaned
from core.atlas.store import EXPRESSION
from core.errors import AtlasError, BrokenStore, InvalidQuery, NotFound, UnknownGene
from core.genes import aliases
from core.genes.examples import example_gene
from core.genes.orthologs import absence, counterparts
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.urls.page_queries import PageQuery, split_search
from core.urls.permalinks import changed, digests_of, unknown_version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.atlas.catalog import Catalog
    from core.atlas.manifest import ColumnInfo, Manifest
    from core.atlas.store import Atlas
    from core.genes.orthologs import Counterparts, Orthologs

Query = TypeVar("Query", bound=PageQuery)
MAX_CHOICES = 5
# Words in the name of an atlas of the liver, also within longer ones.
LIVER = ("liver", "hepat", "masl", "mash", "nafl", "nash")
_DENIED = re.compile(r"\b(?:not|non|no)[ -]+(?:of )?(?:the )?liver")


@dataclass(frozen=True)
class Problem:
    """Part of an address that is not valid for the atlas.

    `choices` are pairs of a name and the address of the same view with that name in its place, with its path. What is
    `harmless` is only to be told: the view is what the address asks for. What `blocks` leaves nothing to draw.
    """

    text: str
    remedy: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    harmless: bool = False
    blocks: bool = False


def colorable(atlas: Atlas) -> list[ColumnInfo]:
    """List the obs columns that can colour a map: roles first, then as in the file."""
    usable = [
        column
        for column in atlas.columns
        if column.kind == "numeric" or (column.kind == "categorical" and column.n_categories)
    ]
    rank = {name: place for place, name in enumerate(atlas.manifest.roles.get(role, "") for role in ROLES)}
    return sorted(usable, key=lambda column: rank.get(column.name, len(rank)))


def categorical(atlas: Atlas) -> list[str]:
    """List the names of the categorical columns, roles first."""
    return [column.name for column in colorable(atlas) if column.kind == "categorical"]


def read(kind: type[Query], search: str) -> tuple[Query, list[Problem]]:
    """Read the query of an address without its unreadable filters."""
    try:
        return kind.parse(search), []
    except InvalidQuery as error:
        whole = error
    try:
        single, given = split_search(search)
    except InvalidQuery:
        return kind(), [Problem(whole.message, whole.remedy)]
    problems: list[Problem] = []
    kept = {name: _readable(name, texts, problems) for name, texts in given.items()}
    return kind.of(single, Selection.of_parameters(kept)), problems


def _readable(name: str, texts: list[str], problems: list[Problem]) -> list[str]:
    kept: list[str] = []
    for text in texts:
        try:
            Selection.of_parameters({name: [text]})
            kept.append(text)
        except InvalidQuery as error:
            problems.append(Problem(f"{error.message} It is left out.", error.remedy))
    return kept


def atlas_of(catalog: Catalog, query: PageQuery, problems: list[Problem]) -> Atlas | None:
    """Return the atlas of the address, a default where it names none, and None where there is no such atlas.

    Another atlas in the place of one that was asked for would be taken for it.
    """
    if not query.atlas:
        return _default(catalog)
    try:
        return catalog.get(query.atlas)
    except AtlasError as error:
        ids = error.suggestions if isinstance(error, NotFound) else ()
        ids = ids or tuple(manifest.id for manifest in by_interest(catalog))
        choices = tuple((name, query.but(atlas=name).address) for name in ids[:MAX_CHOICES])
        remedy = error.remedy if isinstance(error, BrokenStore) else ""
        problems.append(Problem(error.message, remedy, choices))
        return None


def _default(catalog: Catalog) -> Atlas | None:
    """Return the largest readable atlas of a liver, a real one before a simulated one; else the largest of others."""
    for manifest in by_interest(catalog):
        try:
            return catalog.get(manifest.id)
        except AtlasError:  # a damaged atlas is no default; the home page reports the damage
            continue
    return None


def is_liver(manifest: Manifest) -> bool:
    """Tell by its name and title whether an atlas is one of the liver."""
    name = _DENIED.sub("", f"{manifest.id} {manifest.title} {manifest.source.file}".casefold())
    return any(word in name for word in LIVER)


def by_interest(catalog: Catalog) -> list[Manifest]:
    """List the atlases: livers before others, real before simulated ones, large before small ones."""

    def rank(manifest: Manifest) -> tuple[bool, bool, int]:
        return not is_liver(manifest), manifest.simulated, -manifest.n_cells

    return sorted(catalog.manifests(), key=rank)


def linked(atlas: Atlas, search: str, problems: list[Problem]) -> str:
    """Check version and content hash of a permalink, and return the name of its figure.

    Returns
    -------
    The name of the figure; empty for an address that names none.
    """
    try:
        single, _ = split_search(search)
    except InvalidQuery:  # `read` has reported the error
        return ""
    if problem := unknown_version(single.get("v", "")):
        problems.append(Problem(problem, "The parameters that can be read are used."))
    if note := changed(digests_of(search)[0], atlas.manifest):
        problems.append(Problem(note, harmless=True))
    return single.get("figure", "")


def zoom_of(search: str) -> str:
    """Return the part of a map that an address shows; empty for the whole map."""
    return parse_qs(search.lstrip("?")).get("zoom", [""])[0]


def gene_of(atlas: Atlas, query: PageQuery, problems: list[Problem], orthologs: Orthologs, name: str = "gene") -> str:
    """Return the gene of a parameter by its display name, else its ortholog; an example where none is named.

    An unknown name is returned as it is, with a problem that leaves nothing to draw: another gene in its place would be
    taken for it. Of several orthologs the first is shown, beside the names of the others: apoa1a is an answer to APOA1,
    as long as apoa1b is named too.
    """
    wanted = str(getattr(query, name))
    if not wanted:
        return example_gene(atlas) if name == "gene" else ""
    try:
        here = atlas.genes.names[atlas.genes.resolve(wanted, other=False)]
        if not _is_no_ortholog(atlas, wanted, here, orthologs):
            return here
        fault: AtlasError = UnknownGene(not_found(wanted, atlas.id), suggestions=(here,))
    except AtlasError as error:
        fault = error
    other = atlas.genes.other_name(wanted)
    if other is not None and other.sure:
        problems.append(Problem(other.sentence, harmless=True))
        return other.genes[0]
    if problem := _by_alias(atlas, wanted, orthologs, query, name):
        problems.append(problem)
        return problem.choices[0][0] if problem.harmless else wanted
    found = counterparts(atlas, wanted, orthologs)
    if found.here:
        problems.append(_by_ortholog(found, wanted, query, name))
        return found.here[0]
    near = fault.suggestions if isinstance(fault, NotFound) else ()
    choices = tuple((gene, query.but(**{name: gene}).address) for gene in near[:MAX_CHOICES])
    why = other.sentence if other is not None else absence(wanted, found)
    text = f"{fault.message} {why}".rstrip()
    problems.append(Problem(text, "" if choices else fault.remedy, choices, blocks=True))
    return wanted


def _is_no_ortholog(atlas: Atlas, wanted: str, here: str, orthologs: Orthologs) -> bool:
    """Tell whether a gene that differs in case from a known one of another species is not among its orthologs."""
    if cleaned(here) == cleaned(wanted) or is_ensembl(wanted):
        return False
    found = counterparts(atlas, wanted, orthologs)
    return found.known and here not in found.here


def _by_alias(atlas: Atlas, wanted: str, orthologs: Orthologs, query: PageQuery, name: str) -> Problem | None:
    """Describe what another name means here: one gene, whose name is the first choice, or several to choose from."""
    found = aliases.here(atlas, wanted, orthologs)
    choices = tuple((gene, query.but(**{name: gene}).address) for gene in found)
    if found and len(aliases.symbols_of(wanted, orthologs.names)) == 1:
        shown = "" if len(found) == 1 else f" {found[0]} is shown."
        return Problem(f"{aliases.explained(wanted, orthologs.names)}{shown}", "", choices, harmless=True)
    meant = atlas.genes.other_name(wanted)
    if meant is not None and not found:
        choices = tuple((gene, query.but(**{name: gene}).address) for gene in meant.genes)
    sentence = aliases.explained(wanted, orthologs.names) or (meant.sentence if meant else "")
    return Problem(sentence, "", choices[:MAX_CHOICES], blocks=True) if choices else None


def _by_ortholog(found: Counterparts, wanted: str, query: PageQuery, name: str) -> Problem:
    """Describe the ortholog that is shown, and which others there are."""
    shown, *others = found.here
    if found.n == 1:
        return Problem(f"{wanted} is {shown} in {found.species}: its ortholog is shown.")
    missing = f" {_listed(found.absent)} not in this atlas." if found.absent else ""
    text = f"{wanted} has {found.n} orthologs known here in {found.species}: {shown} is shown.{missing}"
    return Problem(text, "", tuple((gene, query.but(**{name: gene}).address) for gene in others))


def _listed(names: Sequence[str]) -> str:
    """Join names with their verb: ``a is``, ``a and b are``."""
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"


def layer_of(atlas: Atlas, query: PageQuery, problems: list[Problem]) -> str:
    """Return the layer, else the expression."""
    names = [layer.name for layer in atlas.manifest.layers]
    return one_of(
        names, query.layer, EXPRESSION, lambda name: query.but(layer=name), problems, f"a layer {{}} in {atlas.id}"
    )


def embedding_of(atlas: Atlas, query: PageQuery, problems: list[Problem]) -> str:
    """Return the embedding, else the first one."""
    names = [value for value, _ in planes(atlas)]
    default = names[0] if names else ""
    return one_of(
        names, query.embedding, default, lambda name: query.but(embedding=name), problems, f"a map {{}} in {atlas.id}"
    )


def one_of(
    names: list[str],
    wanted: str,
    default: str,
    change: Callable[[str], PageQuery],
    problems: list[Problem],
    thing: str,
) -> str:
    """Return the requested one of some names, else the default; `change` puts another name into the query."""
    if not wanted or wanted in names:
        return wanted or default
    instead = f" {default} is shown instead." if default else " It is left out."
    others = [name for name in names if name != default]
    choices = tuple((name, change(name).address) for name in others[:MAX_CHOICES])
    problems.append(Problem(f"There is not {thing.format(repr(wanted[:80]))}.{instead}", "", choices))
    return default


def selection_of(atlas: Atlas, query: PageQuery, problems: list[Problem]) -> Selection:
    """Return the filters that are valid for this atlas."""
    selection = query.selection
    where: dict[str, list[str]] = {}
    for column, categories in selection.where:
        for category in categories:
            if _is_valid(atlas, Selection.of({column: [category]}), query, problems):
                where.setdefault(column, []).append(category)

    def valid(part: Selection) -> bool:
        return _is_valid(atlas, part, query, problems)

    return Selection.of(
        where,
        [interval for interval in selection.ranges if valid(Selection(ranges=(interval,)))],
        [threshold for threshold in selection.thresholds if valid(Selection(thresholds=(threshold,)))],
        [lasso for lasso in selection.lassos if valid(Selection(lassos=(lasso,)))],
        [excluded for excluded in selection.excluded if valid(Selection(excluded=(excluded,)))],
    )


def kept_selection(atlas: Atlas, text: str, prefix: str, problems: list[Problem]) -> str:
    """Return a named selection of an address in canonical form; empty where it is not valid for this atlas.

    Parameters
    ----------
    prefix
        Beginning of the sentence about an unreadable selection.
    """
    try:
        kept = Selection.from_text(text)
        mask_of(atlas, kept)
    except AtlasError as error:
        problems.append(Problem(f"{prefix}{error.message} It is left out.", error.remedy))
        return ""
    return kept.text()


def _is_valid(atlas: Atlas, part: Selection, query: PageQuery, problems: list[Problem]) -> bool:
    try:
        mask_of(atlas, part)
    except AtlasError as error:
        choices: tuple[tuple[str, str], ...] = ()
        if isinstance(error, NotFound) and (part.where or part.thresholds):
            choices = tuple(
                (name, query.but(selection=_instead(atlas, query.selection, part, name)).address)
                for name in error.suggestions[:MAX_CHOICES]
            )
        problem = Problem(f"{error.message} This filter is left out.", "" if choices else error.remedy, choices)
        if problem not in problems:
            problems.append(problem)
        return False
    return True


def _instead(atlas: Atlas, selection: Selection, broken: Selection, name: str) -> Selection:
    """Replace the column, category or gene of an invalid filter by `name`."""
    if broken.thresholds:
        kept = [replace(each, gene=name) if each in broken.thresholds else each for each in selection.thresholds]
        return selection.but(thresholds=Selection.of({}, thresholds=kept).thresholds)
    column, (category,) = broken.where[0]
    known = atlas.column_info(column)
    if known is not None and known.kind == "categorical":
        where = {
            other: [each for each in kept if (other, each) != (column, category)] for other, kept in selection.where
        }
        where.setdefault(column, []).append(name)
    else:
        where = {name if other == column else other: list(kept) for other, kept in selection.where}
    return selection.but(where=Selection.of(where).where)
