"""Controls of the page Differences: filled from a view, and read back into an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.differences import meaning_controls
from callbacks.shared import selection_controls as shared
from callbacks.shared.page import hydrated
from core.urls.page_queries import DifferencesQuery, joined_names, split_names
from core.views.differences.state import LEAST, NO_PAIRING, TABS, TREND, YES, columns, methods, resolve
from core.views.differences.volcano import fold_of
from pages._ids_differences import Differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.services.container import Services
    from core.views.differences.state import DifferencesView
    from core.views.resolve import Problem

Outputs = dict[str, Any]
LEVELS, VERSUS = "levels", "versus"
NO_PAIR = "To compare two groups of cells, select cells in Explore and save them as A, then others as B."
FDRS = ("0.01", "0.05", "0.1", "0.2")
CHANGES = ("0", "0.585", "1", "2")


def hydrate(services: Services, view: DifferencesView | None, problems: list[Problem], *, at: int) -> Outputs:
    """Fill every control for a view, and show what is wrong with its address; see `callbacks.shared.page.hydrated`."""
    common = {
        **hydrated(Differences, view, problems, at=at),
        "meaning": meaning_controls.hydrate(services, view),
    }
    empty: Outputs = {"options": [], "value": None, "hidden": True}
    if view is None:
        return {
            **common,
            "mode": {"options": _modes(possible=False), "value": LEVELS, "help": ""},
            **dict.fromkeys(("by", "one", "two", "covariates", "paired", "cell_type"), empty),
            "method": {"options": _methods(), "value": TREND},
            "second": [],
            "color": {"options": [], "value": None},
            "tab": TABS[0],
            **dict.fromkeys(LEAST),
            "fdr": {"options": [], "value": None},
            "min_change": {"options": [], "value": None},
            "kept": "",
        }
    query = view.query
    possible, levels = bool(query.a and query.b), shared.options(view.levels)
    names = columns(view.atlas)
    pairing = [{"label": "Nothing", "value": NO_PAIRING}, *shared.column_options(view.atlas, view.pairing)]
    types = [{"label": f"{name} · {n:,}", "value": name} for name, n in view.types]
    return {
        **common,
        "mode": {
            "options": _modes(possible=possible),
            "value": VERSUS if view.versus else LEVELS,
            "help": "" if possible else NO_PAIR,
        },
        "by": {"options": shared.column_options(view.atlas, names), "value": query.by or None, "hidden": not names},
        "one": {"options": levels, "value": list(split_names(query.one)), "hidden": view.versus},
        "two": {"options": levels, "value": list(split_names(query.two)), "hidden": view.versus},
        "covariates": {
            "options": shared.column_options(view.atlas, [name for name in view.usable if name != view.paired]),
            "value": list(split_names(query.covariates)),
            "hidden": not view.usable,
        },
        "paired": {"options": pairing, "value": view.paired or NO_PAIRING, "hidden": not view.pairing},
        "cell_type": {"options": types, "value": query.cell_type or None, "hidden": not types},
        "method": {"options": _methods(), "value": query.method},
        "second": [YES] if query.second_opinion == YES else [],
        "color": {"options": shared.column_options(view.atlas, view.usable), "value": query.color or None},
        "tab": query.tab,
        **{name: int(getattr(query, name)) for name in LEAST},
        "fdr": {"options": [_fdr(value) for value in _with(FDRS, query.fdr)], "value": query.fdr},
        "min_change": {
            "options": [_change(value) for value in _with(CHANGES, query.min_change)],
            "value": query.min_change,
        },
        "kept": query.genes,
    }


def collect(
    services: Services,
    filled: Mapping[str, Any] | None,
    choices: Mapping[str, Any],
    cells: Mapping[str, Any],
    shown: str | None,
) -> str | None:
    """Read the controls into a canonical address; None before there is an atlas.

    Parameters
    ----------
    choices
        mode, by, one, two, covariates, paired, min_cells, min_counts, method, second, cell_type, gene, color, fdr,
        min_change, genes, tab and layer; and those of `callbacks.differences.meaning_controls` under ``meaning``.
    cells
        Values that `callbacks.shared.selection_controls.inputs` reads.
    shown
        Address of the current view: a change of the column drops its levels, and all that depends on them.
    """
    if not filled:
        return None
    kept = filled["kept"]
    versus = choices.get("mode") == VERSUS
    before = DifferencesQuery.parse(shown) if shown else None
    query = DifferencesQuery(
        atlas=filled["atlas"],
        by="" if versus else str(choices.get("by") or ""),
        one="" if versus else joined_names(choices.get("one") or []),
        two="" if versus else joined_names(choices.get("two") or []),
        covariates=joined_names(choices.get("covariates") or []),
        paired=str(choices.get("paired") or ""),
        method=str(choices.get("method") or ""),
        second_opinion=YES if choices.get("second") else "",
        cell_type=str(choices.get("cell_type") or ""),
        gene=str(choices.get("gene") or ""),
        color=str(choices.get("color") or ""),
        **{name: meaning_controls.text_of(choices.get(name)) for name in LEAST},
        fdr=str(choices.get("fdr") or ""),
        min_change=str(choices.get("min_change") or ""),
        genes=str(choices.get("genes") or ""),
        tab=str(choices.get("tab") or ""),
        layer=str(choices.get("layer") or ""),
        a=kept["a"],
        b=kept["b"],
        selection=shared.selected(cells, kept),
        **meaning_controls.collect(choices.get("meaning") or {}, before),
    )
    if before is not None and before.by != query.by:
        query = query.but(one="", two="", covariates="", paired="")
    view, _ = resolve(services, query.search())
    return view.state if view else None


def _with(values: tuple[str, ...], chosen: str) -> list[str]:
    """Add the value of an address to those of a menu, in order."""
    return sorted({*values, chosen}, key=float)


def _fdr(value: str) -> dict[str, str]:
    return {"label": f"Adjusted p ≤ {value}", "value": value}


def _change(value: str) -> dict[str, str]:
    return {"label": f"At least {fold_of(float(value))}" if float(value) else "Any fold change", "value": value}


def _modes(*, possible: bool) -> list[dict[str, Any]]:
    return [
        {"label": "Levels of a column", "value": LEVELS},
        {"label": "Group A against group B", "value": VERSUS, "disabled": not possible},
    ]


def _methods() -> list[dict[str, str]]:
    return [{"label": name, "value": value} for value, name in methods().items()]
