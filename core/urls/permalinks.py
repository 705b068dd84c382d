"""Permalinks: the address of one figure of one version of the content of an atlas.

Version 1 is the address of a page with four parameters before and after its own: ``v``, the version of the form;
``figure``, which of the figures of the page is meant; ``panel``, which of several of its kind, where it is not the
first; ``hash``, the beginning of the content hash of the atlas, and behind dots those of the atlases beside it, in the
order in which ``others`` names them; a place is empty where the figure does not show the atlas. Pages pass over what
they do not know, so a permalink opens as any other address of theirs. An address without a version is what the pages
themselves write, and is read as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from core.errors import InvalidQuery
from core.urls.figure_specs import FIGURES, FIRST
from core.urls.page_queries import MAX_URL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.atlas.manifest import Manifest
    from core.urls.page_queries import PageQuery

VERSION = "1"
OWN = ("v", "figure", "panel", "hash")
# Digits of the content hash in a link: two contents collide with a probability of 1 in 10¹⁴.
DIGITS = 12


@dataclass(frozen=True)
class Link:
    """Figure and query of a permalink.

    `search` keeps the content hash of the link, so that a changed atlas is reported when the link is resolved, and
    the panel; see `panel_of`.
    """

    figure: str
    search: str


def permalink(
    figure: str, query: PageQuery | str, content_hash: str, panel: int = 1, beside: Sequence[str] = ()
) -> str:
    """Return the address of a figure, from its path on.

    Parameters
    ----------
    query : of the page that has the figure, or its search, which may hold more than the page knows, such as a zoom
    content_hash : of the atlas
    panel : which one, where the page has several figures of this name
    beside : content hashes of the other atlases, in the order of the address; empty for one that is not shown

    Raises
    ------
    InvalidQuery
        There is no such figure.
    """
    spec = FIGURES.get(figure)
    if spec is None:
        raise _no_figure(figure)
    search = query if isinstance(query, str) else query.search()
    kept = [pair for pair in _pairs(search) if pair[0] not in OWN]
    which = [("panel", str(panel))] if panel > 1 else []
    digests = ".".join(each[:DIGITS] for each in (content_hash, *beside)).rstrip(".")
    pairs = [("v", VERSION), ("figure", figure), *which, *kept, ("hash", digests)]
    return f"{spec.path}?{urlencode(pairs)}"


def read(text: str, figure: str = "") -> Link:
    """Read a URL, a path with its query, or a query alone.

    Parameters
    ----------
    figure : which figure is meant, whatever the link says; empty for that of the link

    Raises
    ------
    InvalidQuery
        It is too long, of a version that is not known here, of another page than its figure, or of none.
    """
    text = text.strip()
    if len(text) > MAX_URL:
        raise InvalidQuery(
            f"The link is {len(text):,} characters long; {MAX_URL:,} is the limit.", "Use fewer filters."
        )
    path, search = _split(text)
    pairs = _pairs(search)
    given = {name: value for name, value in reversed(pairs) if name in OWN}
    if problem := unknown_version(given.get("v", "")):
        raise InvalidQuery(problem, "Open the link with a later version of MASLDatlas.")
    # The path may begin with a prefix below which a server is mounted.
    page = next((known for known in FIRST if path.rstrip("/").endswith(known)), "")
    if path.strip("/") and not page:
        raise InvalidQuery(f"{path[:80]!r} is not a page with figures.", f"Use a link to {', '.join(FIRST)}.")
    figure = figure or given.get("figure", "") or FIRST.get(page) or next(iter(FIGURES))
    spec = FIGURES.get(figure)
    if spec is None:
        raise _no_figure(figure)
    if page and page != spec.path:
        raise InvalidQuery(f"The figure {figure} is on {spec.path}, not on {page}.", "Copy the link again.")
    kept = [pair for pair in pairs if pair[0] not in ("v", "figure")]
    search = f"?{urlencode(kept)}" if kept else ""
    panel_of(figure, search)
    return Link(figure, search)


def panel_of(figure: str, search: str) -> int:
    """Return the number of the panel that a search names; 1 by default.

    Raises
    ------
    InvalidQuery
        The page has no such figure.
    """
    text = dict(reversed(_pairs(search))).get("panel", "1")
    most = FIGURES[figure].panels
    if text not in map(str, range(1, most + 1)):
        remedy = f"Use panel=1 to panel={most}." if most > 1 else "Remove the parameter."
        raise InvalidQuery(f"The figure {figure} has no panel {text[:20]!r}.", remedy)
    return int(text)


def unknown_version(version: str) -> str:
    """Explain that a version cannot be read; empty for a known version, and for none."""
    if version in ("", VERSION):
        return ""
    return f"The link has version {version[:20]!r}; this program reads version {VERSION}."


def digests_of(search: str) -> list[str]:
    """Return the beginnings of the content hashes of a link: of the atlas, then of those beside it; or none."""
    return dict(reversed(_pairs(search))).get("hash", "").split(".")


def changed(digest: str, manifest: Manifest) -> str:
    """State that the content of an atlas has changed since a link was made; else empty."""
    if not digest or manifest.content_hash.startswith(digest[:DIGITS]):
        return ""
    return f"{manifest.id} has changed since the link was created: the figure may differ."


def _split(text: str) -> tuple[str, str]:
    """Split into path and query; without a question mark, a text that begins with a slash is a path, else a query."""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise InvalidQuery(f"{text[:80]!r} is not a link.", "Copy the link again.") from error
    if parts.scheme in ("http", "https"):
        return parts.path, parts.query
    if parts.scheme and parts.netloc:
        raise InvalidQuery(f"{text[:80]!r} is not a link.", "A link begins with http://, https:// or a slash.")
    path, mark, query = text.partition("#")[0].partition("?")
    if mark or path.startswith("/"):
        return path, query
    if path and "=" not in path:
        raise InvalidQuery(f"{text[:80]!r} is not a link.", "Copy the link again.")
    return "", path


def _pairs(search: str) -> list[tuple[str, str]]:
    return parse_qsl(search.lstrip("?"), keep_blank_values=True)


def _no_figure(name: str) -> InvalidQuery:
    return InvalidQuery(f"There is no figure {name[:40]!r}.", f"Use one of {', '.join(FIGURES)}.")
