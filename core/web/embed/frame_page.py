"""HTML page of an embedded frame, readable without scripts, with the data for its script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request

from core.embed.options import address
from core.urls.base_path import below
from core.web.embed.oembed import discovery
from core.web.headers import PLOTLY

if TYPE_CHECKING:
    from core.embed.options import Options
    from core.embed.target import Target
    from core.errors import AtlasError

STYLES: Final = "/assets/embed/frame.css"
SCRIPT: Final = "/assets/embed/frame.js"
SEARCH: Final = "/assets/embed/gene.js"
SIMULATED: Final = "Simulated cells: not suitable for biological conclusions."
MAX_SENTENCE: Final = 600


def view_page(target: Target, texts: dict[str, Any], options: Options) -> Response:
    """Create the page of a view: its texts, a poster for browsers without scripts, and the URL of its figure.

    Parameters
    ----------
    target : view, atlas and parameters
    texts : of the view, from `core.embed.payload.words`
    options : of the frame
    """
    search = target.search
    figure = below(address(target.view, search, form=".json"))
    home = request.url_root.rstrip("/")
    head = [
        f'<link rel="canonical" href="{_text(home + texts["open"])}">',
        discovery(home + address(target.view, search, options)),
        f'<script src="{below(PLOTLY)}" defer></script>',
        *([] if options.controls == "none" else [f'<script src="{below(SEARCH)}" defer></script>']),
        f'<script src="{below(SCRIPT)}" defer></script>',
    ]
    badges: list[str] = []
    if texts["simulated"]:
        badges.append(f'<span class="badge" title="{_text(SIMULATED)}">SIMULATED</span>')
    if texts["sample"]:
        badges.append(f'<span class="badge" title="{_text(texts["sample"])}">SAMPLE</span>')
    title = f"<h1>{_text(texts['title'])}</h1>" if options.title else f'<h1 class="unseen">{_text(texts["title"])}</h1>'
    body = f"""<main data-view="{target.view}" data-figure="{_text(figure)}" data-genes="{_text(_genes(target))}"
 data-controls="{options.controls}">
<header>{title}{"".join(badges)}</header>
<div id="controls" role="group" aria-label="Figure controls" hidden></div>
<p id="fault" role="alert" hidden></p>
<figure>
<div id="plot" role="img" aria-label="{_text(texts["legend"])}"></div>
<noscript>{_poster(target, texts, options)}</noscript>
<ul id="legend" aria-label="Legend"></ul>
</figure>
<ul id="notes">{"".join(f"<li>{_text(note)}</li>" for note in texts["notes"])}</ul>
<footer><p id="n">{_text(texts["n"])} · {_text(texts["dataset_title"])}</p>
<a id="open" href="{_text(below(texts["open"]))}" target="_blank" rel="noopener">Open in MASLDatlas</a></footer>
</main>"""
    mark = "SIMULATED. " if texts["simulated"] else ""
    return _document(f"{mark}{texts['title']}", head, body, options)


def error_page(error: AtlasError, options: Options) -> Response:
    """Create the page of an error, with its HTTP status."""
    sentence = f"{error.message} {error.remedy}".strip()[:MAX_SENTENCE]
    body = f"""<main data-error="{_text(sentence)}">
<p id="fault" role="alert">{_text(sentence)}</p>
<footer><a id="open" href="{_text(below("/"))}" target="_blank" rel="noopener">Open MASLDatlas</a></footer>
</main>"""
    response = _document(error.title, [f'<script src="{below(SCRIPT)}" defer></script>'], body, options)
    response.status_code = error.status
    return response


def _document(title: str, head: list[str], body: str, options: Options) -> Response:
    lines = "\n".join(head)
    return Response(
        f"""<!DOCTYPE html>
<html lang="en" data-base="{below("")}" data-theme="{options.theme}" data-background="{options.background}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{_text(title)} · MASLDatlas</title>
<link rel="icon" type="image/svg+xml" href="{below("/assets/favicon.svg")}">
<link rel="stylesheet" href="{below(STYLES)}">
{lines}
</head>
<body>
{body}
</body>
</html>
""",
        mimetype="text/html",
    )


def _poster(target: Target, texts: dict[str, Any], options: Options) -> str:
    """Return the poster of the theme, or both posters for the browser to choose from if the theme is automatic."""
    light, dark = (
        _text(below(address(target.view, target.search, options.but(theme=theme, title=False), ".png")))
        for theme in ("light", "dark")
    )
    other = f'<source media="(prefers-color-scheme: dark)" srcset="{dark}">' if options.theme == "auto" else ""
    image = f'<img src="{dark if options.dark else light}" alt="{_text(texts["legend"])}">'
    return f"<picture>{other}{image}</picture>"


def _genes(target: Target) -> str:
    """Return the URL of the gene search."""
    return below(f"/api/v1/datasets/{target.atlas.id}/genes")


def _text(text: object) -> str:
    return escape(str(text), quote=True)
