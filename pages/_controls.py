"""Components that several pages share, without data and without callbacks.

The rail and its drawer are moved by ``assets/js/1-shell/panels.js``, which finds the parts by ``data-`` attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from pages._ids import Ids, PageIds

SPECIES = {
    "human": "Human",
    "mouse": "Mouse",
    "zebrafish": "Zebrafish",
    "integrated": "Integrated",
    "other": "Other",
}
SIMULATED = "Simulated data for demonstration only; not from any patient or animal."


def icon(name: str) -> Component:
    """Return a decorative icon of ``assets/css/00-tokens.css``; the control around the icon carries the label."""
    return html.Span(className=f"icon icon-{name}", **{"aria-hidden": "true"})  # pyright: ignore[reportArgumentType]


def prose(text: str) -> list[Component | str]:
    """Set the parts of a sentence that stand between backticks as code."""
    return [html.Code(part) if at % 2 else part for at, part in enumerate(text.split("`")) if part]


def workspace(question: Component, answer: Component | Sequence[Component]) -> Component:
    """Place the rail of a page (see `rail`) and, to its right or below it on a phone, the answer."""
    # The link "Skip to results" leads there.
    return html.Div([question, html.Div(answer, className="workspace-answer", tabIndex=-1)], className="workspace")


def analysis_page(
    ids: PageIds,
    title: str,
    *,
    stores: Sequence[str],
    questions: tuple[str, Sequence[Component]],
    answer: Sequence[Component],
    class_name: str = "",
) -> html.Div:
    """Lay out an analysis page: its stores, its rail and the answer.

    Parameters
    ----------
    stores
        Ids of the page's own stores, beside those that every page has.
    questions
        Label of the rail, and its groups of controls.
    answer
        Parts that are hidden as long as there is no atlas.
    """
    shared = (ids.SEARCH, ids.HYDRATED, ids.STATE, ids.CHOSEN)
    parts = [
        html.Div(id=ids.PROBLEMS, className="explore-problems", role="status"),
        html.Div(answer, id=ids.ANSWER, className="correlation-answer" if class_name else None),
    ]
    return html.Div(
        [
            *(dcc.Store(id=name) for name in (*shared, *stores)),
            html.H1(title, className="visually-hidden"),
            workspace(rail(questions[1], id=ids.RAIL, label=questions[0]), parts),
        ],
        className=f"explore {class_name}".strip(),
    )


def statement(ids: Ids, link: Component) -> list[Component]:
    """Place the sentence of a page that tests, a link beside the sentence, and the note on replicates below."""
    sentence = html.P(id=ids.SENTENCE, className="explore-sentence", **{"aria-live": "polite"})  # pyright: ignore[reportArgumentType]
    return [
        html.Div([sentence, link], className="correlation-head"),
        html.P(id=ids["REPLICATES"], className="correlation-replicates"),
    ]


def rail(children: Component | Sequence[Component], *, id: str, label: str) -> Component:  # noqa: A002 - the name of Dash's property
    """Build the left rail of a page: 300 px and collapsible; below 768 px a drawer with a button to open it.

    Parameters
    ----------
    children
        Groups of controls, in the order in which they are needed.
    id
        The id of the rail.
    label
        Short name, on the button and for screen readers.
    """
    controls = {"aria-controls": id, "aria-expanded": "true"}
    return html.Div(
        [
            html.Button(
                [icon("sliders"), html.Span(label)],
                type="button",
                className="rail-open btn btn-outline-secondary",
                **{"data-rail": "open", "aria-controls": id, "aria-expanded": "false"},  # pyright: ignore[reportArgumentType]
            ),
            html.Div(className="rail-backdrop", **{"data-rail": "close"}),  # pyright: ignore[reportArgumentType]
            html.Aside(
                [
                    html.Div(
                        [
                            html.Span(label, className="rail-title"),
                            html.Button(
                                icon("chevrons"),
                                type="button",
                                title=f"Show or hide: {label}",
                                className="rail-fold icon-button",
                                **{"data-rail": "fold", "aria-label": label, **controls},  # pyright: ignore[reportArgumentType]
                            ),
                            html.Button(
                                icon("close"),
                                type="button",
                                className="rail-close icon-button",
                                **{"data-rail": "close", "aria-label": f"Close: {label}"},  # pyright: ignore[reportArgumentType]
                            ),
                        ],
                        className="rail-head",
                    ),
                    html.Div(children, className="rail-body"),
                ],
                id=id,
                className="rail",
                **{"aria-label": label},  # pyright: ignore[reportArgumentType]
            ),
        ],
        className="rail-place",
    )


def card(
    children: Component | Sequence[Component] | None,
    *,
    title: str | Component,
    subtitle: str | Component | None = None,
    tools: Component | Sequence[Component] | None = None,
    class_name: str = "",
) -> Component:
    """Frame one plot or table: title and subtitle on the left, toolbar on the right, the content below."""
    words: list[Component] = [html.H2(title, className="plot-card-title")]
    if subtitle is not None:
        words.append(html.Div(subtitle, className="plot-card-subtitle"))
    head: list[Component] = [html.Div(words, className="plot-card-words")]
    if tools is not None:
        head.append(html.Div(tools, className="plot-card-tools"))
    return html.Section(
        [html.Div(head, className="plot-card-head"), html.Div(children, className="plot-card-body")],
        className=f"plot-card {class_name}".strip(),
    )


def figure(graph: Component, kind: str, title: str, *described_by: str, has_buttons: bool = False) -> Component:
    """Name a plot for screen readers, and point to its text alternative.

    Parameters
    ----------
    kind
        Kind of plot, which is read out before its title.
    title
        Id of the title.
    described_by
        Ids of the texts that say what the plot shows.
    has_buttons
        Whether Plotly's buttons are within: what is an image as a whole may not have any.
    """
    name = f"{getattr(graph, 'id', title)}-figure"
    texts = {"aria-label": kind, "aria-labelledby": f"{name} {title}"}
    if described_by:
        texts["aria-describedby"] = " ".join(described_by)
    return html.Div(graph, id=name, role="figure" if has_buttons else "img", className="plot-figure", **texts)  # pyright: ignore[reportArgumentType]


def empty_state(title: str, text: str, action: Component | None = None) -> Component:
    """Say in the place of missing content what is missing, and what to do next."""
    return html.Div(
        [html.H2(title, className="empty-title"), html.P(text, className="empty-text"), action],
        className="empty-state",
    )


def badge_species(species: str) -> Component:
    """Name the species of an atlas; the colour only repeats the name."""
    known = species if species in SPECIES else "other"
    return html.Span(SPECIES[known], className=f"species species-{known}")


def simulated_badge() -> Component:
    """Mark an atlas whose cells are simulated."""
    return html.Span("SIMULATED", className="simulated", title=SIMULATED)
