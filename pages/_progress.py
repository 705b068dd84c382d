"""Progress of a long computation with a button that cancels it; ``callbacks/shared/progress.py`` fills it."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from dash import dcc, html

from pages._tables import SMALL

if TYPE_CHECKING:
    from enum import StrEnum

    from dash.development.base_component import Component


# Milliseconds between two looks of the browser.
PERIOD = 1000


@dataclass(frozen=True)
class ProgressIds:
    """Ids of the progress of one part.

    Attributes
    ----------
    token : store that holds the name under which the computation of this page runs
    tick : clock of the browser
    panel, step, bar, cancel : what is seen
    """

    token: str
    tick: str
    panel: str
    step: str
    bar: str
    cancel: str

    @classmethod
    def of(cls, ids: type[StrEnum], prefix: str = "") -> ProgressIds:
        """Take the ids ``RUN``, ``TICK``, ``PROGRESS``, ``STEP``, ``BAR`` and ``CANCEL`` of a page."""
        return cls(*(ids[f"{prefix}{name}"] for name in ("RUN", "TICK", "PROGRESS", "STEP", "BAR", "CANCEL")))


def progress(ids: ProgressIds, words: str) -> Component:
    """Lay out the progress, which is hidden at first.

    Parameters
    ----------
    words
        Name of the computation.
    """
    return html.Div(
        [
            dcc.Store(id=ids.token, data=token_hex(8)),
            dcc.Interval(id=ids.tick, interval=PERIOD, disabled=True),
            html.Div(
                [
                    html.Span([f"{words}: ", html.Span(id=ids.step)], role="status"),
                    html.Progress(id=ids.bar, value="0", max="1", **{"aria-label": words}),  # pyright: ignore[reportArgumentType]
                    html.Button("Cancel", id=ids.cancel, type="button", className=SMALL),
                ],
                id=ids.panel,
                hidden=True,
                className="long-progress",
            ),
        ]
    )
