"""Progress of a long computation of a page, and its cancellation; ``pages/_progress.py`` lays it out.

The browser starts to ask when the state of the page changes, and stops when the part is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State

from core.compute.watch import watch_of

if TYPE_CHECKING:
    from dash import Dash

    from pages._progress import ProgressIds

# What is shorter needs no progress: seconds, which are also the asks of the browser.
QUIET = 2


def register(app: Dash, ids: ProgressIds, starts: Input) -> None:
    """Wire the progress of a part that `callbacks.shared.page.Page.draw` draws with the same ids.

    Parameters
    ----------
    starts
        Begins to ask, at each change.
    """
    app.clientside_callback(
        ClientsideFunction("progress", "begin"),
        Output(ids.tick, "disabled"),
        Output(ids.tick, "n_intervals"),
        Output(ids.panel, "hidden", allow_duplicate=True),
        starts,
        prevent_initial_call=True,
    )
    app.callback(
        output={
            "hidden": Output(ids.panel, "hidden"),
            "step": Output(ids.step, "children"),
            "done": Output(ids.bar, "value"),
        },
        inputs={"n": Input(ids.tick, "n_intervals"), "token": State(ids.token, "data")},
        prevent_initial_call=True,
    )(look)
    app.callback(Input(ids.cancel, "n_clicks"), State(ids.token, "data"), prevent_initial_call=True)(cancel)


def look(n: int | None, token: str | None) -> dict[str, Any]:
    """Show the progress of what runs under a token, once it has taken long enough."""
    watch = watch_of(token or "")
    if watch is None or (n or 0) < QUIET:
        return {"hidden": True, "step": "", "done": "0"}
    step, done = watch.look()
    return {"hidden": False, "step": f"{step} ({100 * done:.0f} %)" if step else "", "done": str(done)}


def cancel(_n: int | None, token: str | None) -> None:
    """Cancel what runs under a token."""
    watch = watch_of(token or "")
    if watch is not None:
        watch.cancel()
