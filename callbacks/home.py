"""Home: what lies in the data directory, as cards that follow it."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from core.errors import AtlasError
from core.manifest import SPECIES
from core.query import ExploreQuery
from pages import _controls as controls
from pages._ids import Home, Shell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dash.development.base_component import Component

    from core.catalog import Catalog
    from core.errors import BrokenStore
    from core.imports import ImportState
    from core.manifest import Manifest, Role
    from core.services import Services

FAST, SLOW = 1_000, 10_000
TOOLS_FROM = 5
MAX_GROUPS = 8
ACTIVE = ("waiting", "importing")
KILO = 1_000
REFUSED = "Correct the file and it is tried again, or import it with `masldatlas import FILE` and its options."


@dataclass(frozen=True)
class Shown:
    """One atlas and the names of its groups, in order."""

    manifest: Manifest
    groups: tuple[str, ...] = ()

    def matches(self, text: str, species: Sequence[str]) -> bool:
        """Whether every word is found in what the card says, and the species is among the chosen ones."""
        it = self.manifest
        said = " ".join(
            (it.title, it.id, it.citation, it.source.file, *self.groups, "simulated" if it.simulated else "")
        )
        return (not species or it.species in species) and all(
            word in said.casefold() for word in text.casefold().split()
        )


@dataclass(frozen=True)
class Snapshot:
    """The data directory at one moment."""

    atlases: tuple[Shown, ...] = ()
    imports: tuple[ImportState, ...] = ()
    broken: dict[str, BrokenStore] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog) -> Snapshot:
        """Look."""
        atlases = tuple(Shown(manifest, groups_of(catalog, manifest)) for manifest in catalog.manifests())
        return cls(atlases, tuple(catalog.imports()), catalog.broken())

    @property
    def active(self) -> tuple[ImportState, ...]:
        """The imports that wait or run."""
        return tuple(state for state in self.imports if state.phase in ACTIVE)

    @property
    def failed(self) -> tuple[ImportState, ...]:
        """The imports that failed."""
        return tuple(state for state in self.imports if state.phase == "failed")


def groups_of(catalog: Catalog, manifest: Manifest) -> tuple[str, ...]:
    """The names of an atlas' groups in order; none where it has none, or where its table cannot be read."""
    try:
        column = catalog.get(manifest.id).role("group")
    except AtlasError:
        return ()
    return () if column is None else column.categories


# ---- words ----


def size(n_bytes: int) -> str:
    """A size in decimal units, as file managers say it: ``12.4 MB``."""
    value = float(n_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < KILO:
            return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"  # noqa: PLR2004
        value /= KILO
    return f"{value:,.1f} TB"


def count(n: int, thing: str) -> str:
    """``1 atlas``, ``2 atlases``, ``1,200 cells``."""
    plural = f"{thing}es" if thing.endswith("s") else f"{thing}s"
    return f"{n:,} {thing if n == 1 else plural}"


def summary(snapshot: Snapshot, n_shown: int) -> str:
    """One sentence on all that is there, and one on what is on its way or went wrong."""
    atlases = snapshot.atlases
    said: list[str] = []
    if atlases:
        n_cells = sum(it.manifest.n_cells for it in atlases)
        said.append(f"{count(len(atlases), 'atlas')} with {count(n_cells, 'cell')}.")
    if n_shown < len(atlases):
        said.append(f"{n_shown:,} shown.")
    if snapshot.active:
        said.append(f"{count(len(snapshot.active), 'atlas')} being imported.")
    n_faults = len(snapshot.failed) + len(snapshot.broken)
    if n_faults:
        said.append(f"{n_faults:,} could not be read: see below.")
    return " ".join(said)


def progress(state: ImportState) -> str:
    """How far an import is: ``Waiting``, ``Importing 40 %``, ``Failed``."""
    return f"Importing {percent(state)} %" if state.phase == "importing" else state.phase.capitalize()


def percent(state: ImportState) -> int:
    """The fraction as a whole number from 0 to 100; 100 only when it is."""
    return max(0, min(100, int(state.fraction * 100)))


# ---- cards ----


def atlas_card(shown: Shown) -> Component:
    """An atlas that can be explored."""
    it = shown.manifest
    address = f"/explore{ExploreQuery(atlas=it.id).search()}"
    return html.Article(
        [
            _badges(it.species, simulated=it.simulated),
            html.H2(dcc.Link(it.title or it.name, href=address, className="atlas-link"), className="atlas-heading"),
            html.P(it.id, className="atlas-id"),
            html.P(controls.SIMULATED, className="atlas-simulated") if it.simulated else None,
            _numbers(it),
            html.Dl(_facts(shown), className="atlas-facts"),
            _notes(it.notes),
            html.P(
                [html.Span("Ready", className="state state-ready"), f"{size(it.bytes)} on disk"], className="atlas-foot"
            ),
        ],
        className="atlas-card",
    )


def import_card(state: ImportState) -> Component:
    """An import that waits or runs."""
    words = progress(state)
    bar = html.Progress(
        value=str(percent(state)),
        max="100",
        className="import-bar",
        **{"aria-label": f"Import of {_title(state)}"},  # pyright: ignore[reportArgumentType]
    )
    step = state.step.capitalize() if state.phase == "importing" else "Begins when the imports before it are done."
    return html.Article(
        [
            _badges(state.id.partition("/")[0]),
            html.H2(_title(state), className="atlas-heading"),
            html.P(state.id, className="atlas-id"),
            html.P(html.Span(words, className=f"state state-{state.phase}"), className="import-state"),
            bar if state.phase == "importing" else None,
            html.P(step, className="import-step"),
        ],
        className="atlas-card atlas-card-import",
    )


def failed_card(state: ImportState) -> Component:
    """An import that failed, and why."""
    return _fault(state.id, _title(state), "Failed", state.error or "The import ended without saying why.", REFUSED)


def broken_card(atlas: str, error: BrokenStore) -> Component:
    """An atlas that cannot be read, and why."""
    return _fault(atlas, atlas.partition("/")[2], "Not readable", error.message, error.remedy)


def first_run(data: Path, *, show_place: bool) -> Component:
    """What to do when there is nothing yet."""
    place = str(data / "datasets") if show_place else "datasets"
    return controls.empty_state(
        "No atlas yet",
        "There are two ways to add one. It appears here by itself as soon as its import begins.",
        html.Ol(
            [
                html.Li(
                    ["Put an .h5ad file into ", html.Code(f"{place}/<Species>/"), _species_words(show_place=show_place)]
                ),
                html.Li(["Or type ", html.Code("masldatlas import FILE.h5ad"), " in a terminal on the server."]),
            ],
            className="first-run",
        ),
    )


def no_match(text: str) -> Component:
    """What to do when the search finds nothing."""
    what = f"No atlas matches “{text.strip()}”" if text.strip() else "No atlas of this species"
    return controls.empty_state(what, "Clear the search or choose other species to see the rest.")


def _species_words(*, show_place: bool) -> str:
    which = f", where <Species> is one of {', '.join(name.capitalize() for name in SPECIES)}."
    return which if show_place else f" below the data directory{which}"


def _title(state: ImportState) -> str:
    # The path stays here: a page must not tell the world about the disks of the server.
    return state.title or Path(state.file).name or state.id.partition("/")[2]


def _badges(species: str, *, simulated: bool = False) -> Component:
    mark = controls.simulated_badge() if simulated else None
    return html.Div([controls.badge_species(species), mark], className="atlas-badges")


def _numbers(it: Manifest) -> Component:
    counts = [(it.n_cells, "cell"), (it.n_genes, "gene")]
    roles: tuple[tuple[Role, str], ...] = (("cell_type", "cell type"), ("sample", "sample"))
    for role, thing in roles:
        column = it.column(it.roles.get(role, ""))
        if column is not None:
            counts.append((column.n_categories, thing))
    return html.Ul(
        [
            html.Li([html.Span(f"{n:,}", className="number"), html.Span(count(n, thing).partition(" ")[2])])
            for n, thing in counts
        ],
        className="atlas-numbers",
    )


def _facts(shown: Shown) -> list[Component]:
    it = shown.manifest
    facts: list[Component] = []
    if shown.groups:
        facts.append(html.Div([html.Dt(count(len(shown.groups), "group")), html.Dd(_groups(shown.groups))]))
    texts = [("Values", it.layers[0].rule if it.layers else ""), ("Citation", it.citation)]
    # What is cut short on the card is whole in its title.
    cut = [html.Div([html.Dt(name), html.Dd(text, title=text, className="cut")]) for name, text in texts if text]
    return [*facts, *cut]


def _groups(groups: Sequence[str]) -> Component:
    named = [html.Li(name or "not given") for name in groups[:MAX_GROUPS]]
    more = len(groups) - MAX_GROUPS
    return html.Ol([*named, html.Li(f"and {more:,} more")] if more > 0 else named, className="atlas-groups")


def _notes(notes: Sequence[str]) -> Component | None:
    if not notes:
        return None
    return html.Details(
        [html.Summary(f"{count(len(notes), 'note')} from the import"), html.Ul([html.Li(note) for note in notes])],
        className="atlas-notes",
    )


def _fault(atlas: str, title: str, state: str, why: str, remedy: str) -> Component:
    return html.Article(
        [
            _badges(atlas.partition("/")[0]),
            html.H2(title, className="atlas-heading"),
            html.P(atlas, className="atlas-id"),
            html.P(html.Span(state, className="state state-failed"), className="import-state"),
            html.P(controls.prose(why), className="fault-why"),
            html.P(controls.prose(remedy), className="fault-remedy") if remedy else None,
        ],
        className="atlas-card atlas-card-fault",
    )


# ---- what has changed ----


def fingerprint(*facts: object) -> str:
    """Short text that differs when the facts do."""
    return hashlib.blake2b(repr(facts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def species_options(atlases: Iterable[Shown]) -> list[dict[str, str]]:
    """One chip a species that is there, with the number of its atlases."""
    there = Counter(it.manifest.species for it in atlases)
    return [{"label": f"{controls.SPECIES[it]} {there[it]:,}", "value": it} for it in SPECIES if there[it]]


def register(app: Dash, services: Services) -> None:
    """Wire the page."""
    catalog, settings = services.catalog, services.settings

    def follow(
        _tick: int | None, text: str | None, species: list[str] | None, seen: dict[str, str] | None
    ) -> dict[str, Any]:
        """Draw again what has changed since `seen`, and nothing else: what stays keeps its focus and its open notes."""
        snapshot = Snapshot.of(catalog)
        words = text or ""
        with_tools = len(snapshot.atlases) >= TOOLS_FROM
        # What is hidden does not filter.
        wanted = [it for it in snapshot.atlases if not with_tools or it.matches(words, species or [])]
        ids = [(it.manifest.id, it.manifest.content_hash) for it in wanted]
        faults = (snapshot.failed, [(name, error.message) for name, error in snapshot.broken.items()])
        nothing = not snapshot.atlases and not snapshot.active
        now = {
            "imports": fingerprint(snapshot.active),
            "atlases": fingerprint(ids),
            "faults": fingerprint([it.model_copy(update={"updated": 0.0}) for it in faults[0]], faults[1]),
            "empty": fingerprint(nothing, bool(wanted), words, bool(snapshot.atlases)),
            "tools": fingerprint(with_tools, species_options(snapshot.atlases)),
            "summary": fingerprint(summary(snapshot, len(wanted))),
            "catalog": fingerprint([(it.manifest.id, it.manifest.content_hash) for it in snapshot.atlases]),
        }
        old = seen or {}
        if now == old:
            raise PreventUpdate

        def changed(part: str, made: Any) -> Any:  # noqa: ANN401 - whatever a property takes
            return no_update if old.get(part) == now[part] else made()

        def emptiness() -> Component | None:
            if nothing:
                return first_run(settings.data_dir, show_place=not settings.secure_mode)
            return no_match(words) if snapshot.atlases and not wanted else None

        def fault_cards() -> list[Component]:
            unreadable = [broken_card(name, error) for name, error in snapshot.broken.items()]
            return [*map(failed_card, snapshot.failed), *unreadable]

        return {
            "imports": changed("imports", lambda: [import_card(state) for state in snapshot.active]),
            "atlases": changed("atlases", lambda: [atlas_card(it) for it in wanted]),
            "faults": changed("faults", fault_cards),
            "empty": changed("empty", emptiness),
            "hidden": changed("tools", lambda: not with_tools),
            "options": changed("tools", lambda: species_options(snapshot.atlases)),
            "summary": changed("summary", lambda: summary(snapshot, len(wanted))),
            "catalog": changed("catalog", lambda: now["catalog"]),
            "interval": FAST if snapshot.active else SLOW,
            "seen": now,
        }

    app.callback(
        output={
            "imports": Output(Home.IMPORTS, "children"),
            "atlases": Output(Home.ATLASES, "children"),
            "faults": Output(Home.FAULTS, "children"),
            "empty": Output(Home.EMPTY, "children"),
            "hidden": Output(Home.TOOLS, "hidden"),
            "options": Output(Home.SPECIES, "options"),
            "summary": Output(Home.SUMMARY, "children"),
            "catalog": Output(Shell.CATALOG, "data"),
            "interval": Output(Home.TICK, "interval"),
            "seen": Output(Home.SEEN, "data"),
        },
        inputs={
            "_tick": Input(Home.TICK, "n_intervals"),
            "text": Input(Home.SEARCH, "value"),
            "species": Input(Home.SPECIES, "value"),
            "seen": State(Home.SEEN, "data"),
        },
    )(follow)
