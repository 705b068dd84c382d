"""Tab Activity of the page Differences: bars and table of factors or pathways, and the targets of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from pages import _controls as controls
from pages import _fields as fields
from pages._differences_meaning import YES, gene, grid, methods, plot, text
from pages._differences_parts import WHOLE, fixed
from pages._ids_meaning import Meaning as Id
from pages._share import file, share
from pages._tables import P, number

if TYPE_CHECKING:
    from dash.development.base_component import Component


def content() -> list[Component]:
    """Lay out the tab."""
    network = dcc.Dropdown(id=Id.NETWORK, clearable=False, searchable=False)
    volcano, signed = "volcano of the targets", "network of the targets"
    return [
        html.Div(fields.field("Network", network, id=Id.NETWORK_FIELD), className="differences-questions"),
        html.P(id=Id.BARS_ABOUT, className="differences-about"),
        html.Div(
            [plot("BARS", "Bars of activities:", "activity_bars", words="activities"), _sources()],
            className="correlation-row correlation-all",
        ),
        html.Div(
            [
                html.Div(
                    [
                        plot(
                            "TARGET_VOLCANO",
                            "Volcano plot:",
                            "target_volcano",
                            words=volcano,
                            class_name="markers-ranking",
                        ),
                        plot("TARGET_NETWORK", "Network:", "target_network", words=signed),
                    ],
                    className="correlation-row differences-halves",
                ),
                _goals(),
            ],
            id=Id.TARGETS,
        ),
        methods(Id.BARS_METHODS),
    ]


def _sources() -> Component:
    columns = [
        text("source", "Source", 110, pinned="left"),
        number("activity", "Activity", fixed(2), "t of the slope of the statistics on the weights of the targets", 80),
        number("p", "p", P, "Two-sided", 88),
        number("p_adj", "Adjusted p", P, "Benjamini–Hochberg over the sources", 92),
        number("n_targets", "Targets", WHOLE, "Tested targets", 78),
        number("n_agreeing", "Agree", WHOLE, "Targets that differ in the direction of the activity", 74),
        number("n_source", "Of", WHOLE, "Targets in the network of this species", 70),
        text("targets", "First of them", 150, flex=3),
        text("why", "Note", 90),
    ]
    return controls.card(
        grid(Id.SOURCES, columns, "params.data.source"),
        title=html.Span(id=Id.SOURCES_TITLE),
        subtitle="Select a row to see the targets.",
        tools=share(
            "table of activities",
            more=[
                file("CSV", "All sources of the network", id=Id.SOURCES_CSV),
                file("Excel", "All sources of the network, with provenance", id=Id.SOURCES_XLSX),
            ],
        ),
    )


def _goals() -> Component:
    columns = [
        gene(),
        number("weight", "Weight", fixed(2), "Above zero: the source raises it; below zero: lowers it", 78),
        number("stat", "t", fixed(2), "Moderated t", 70),
        number("log2fc", "log2FC", fixed(2), "log2 fold change of A over B", 80),
        number("p_adj", "Adjusted p", P, "Benjamini–Hochberg over the tested genes", 92),
        text("agrees", "Agrees", 84, show=YES),
    ]
    return controls.card(
        grid(Id.GOALS, columns, "params.data.gene"),
        title=html.Span(id=Id.GOALS_TITLE),
        subtitle="By statistic times weight. Select a row to plot the gene.",
        tools=share("table of targets", more=[file("CSV", "All tested targets of the source", id=Id.GOALS_CSV)]),
    )
