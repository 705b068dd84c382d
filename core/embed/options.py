"""Options of an embedded figure: theme, controls, title, background and size of the frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, cast
from urllib.parse import parse_qsl, urlencode

from core.errors import InvalidQuery
from core.urls.page_queries import MAX_URL

ThemeChoice: TypeAlias = Literal["light", "dark", "auto"]
Controls: TypeAlias = Literal["none", "gene", "full"]
Background: TypeAlias = Literal["paper", "transparent"]

ROOT: Final = "/embed/v1"
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "theme": ("auto", "light", "dark"),
    "controls": ("none", "gene", "full"),
    "background": ("paper", "transparent"),
    "title": ("1", "0"),
}
# Pixels of CSS. Below 280 a frame scrolls; a height of 0 is that of the figure.
WIDTHS: Final = (200, 1600)
HEIGHTS: Final = (120, 2400)
DEFAULT_WIDTH: Final = 640
# No parameter of a page may have one of these names; see tests/core/web/embed/test_frame.py.
NAMES: Final = (*CHOICES, "width", "height")


@dataclass(frozen=True)
class Options:
    """Options of one embedded figure; the first value of each of `CHOICES` is the default.

    Attributes
    ----------
    theme
        ``auto`` is that of the visitor's system.
    controls
        ``none``, a search of genes, or all that the view has.
    title
        Whether the title stands above the figure; that data are simulated is said in any case.
    background
        ``transparent`` for what is behind the frame.
    width, height
        Pixels of the figure and of the poster; the page itself takes what room it has.
    """

    theme: ThemeChoice = "auto"
    controls: Controls = "none"
    title: bool = True
    background: Background = "paper"
    width: int = DEFAULT_WIDTH
    height: int = 0

    @property
    def dark(self) -> bool:
        """True where images are drawn on a dark background."""
        return self.theme == "dark"

    def but(self, **changes: object) -> Options:
        """Return the same options with some of them changed."""
        return replace(self, **changes)  # pyright: ignore[reportArgumentType] - checked by replace itself

    def pairs(self) -> list[tuple[str, str]]:
        """Return the options as parameters of an address, without defaults."""
        values = {
            "theme": self.theme,
            "controls": self.controls,
            "background": self.background,
            "title": "1" if self.title else "0",
        }
        found = [(name, value) for name, value in values.items() if value != CHOICES[name][0]]
        sizes = [("width", self.width, DEFAULT_WIDTH), ("height", self.height, 0)]
        return found + [(name, str(value)) for name, value, usual in sizes if value != usual]


def read(search: str) -> tuple[Options, str]:
    """Split the query of an embedded figure into the options of the frame and the query of the figure.

    Raises
    ------
    InvalidQuery
        It is too long, or one of the parameters of the frame is unknown, given twice or out of its range.
    """
    if len(search) > MAX_URL:
        raise InvalidQuery(
            f"The address is {len(search):,} characters long; {MAX_URL:,} is the limit.", "Use fewer filters or genes."
        )
    given: dict[str, str] = {}
    view: list[tuple[str, str]] = []
    for name, value in parse_qsl(search.lstrip("?"), keep_blank_values=True):
        if name not in NAMES:
            view.append((name, value))
            continue
        if name in given:
            raise InvalidQuery(f"The parameter {name!r} is given more than once.", "Give it once.")
        given[name] = value
    for name, known in CHOICES.items():
        if given.get(name, known[0]) not in known:
            raise InvalidQuery(f"{name}={given[name][:40]!r} is not known.", f"Use one of {', '.join(known)}.")
    values = {name: given.get(name, known[0]) for name, known in CHOICES.items()}
    options = Options(
        theme=cast("ThemeChoice", values["theme"]),
        controls=cast("Controls", values["controls"]),
        title=values["title"] == "1",
        background=cast("Background", values["background"]),
        width=_pixels("width", given, DEFAULT_WIDTH, WIDTHS),
        height=_pixels("height", given, 0, HEIGHTS),
    )
    return options, f"?{urlencode(view)}" if view else ""


def address(view: str, search: str, options: Options | None = None, form: str = "") -> str:
    """Return path and query of an embedded figure; `form` is ``.json`` or ``.png`` for its preview image."""
    query = search.lstrip("?")
    more = urlencode((options or Options()).pairs())
    whole = "&".join(part for part in (query, more) if part)
    return f"{ROOT}/{view}{form}{f'?{whole}' if whole else ''}"


def _pixels(name: str, given: dict[str, str], usual: int, limits: tuple[int, int]) -> int:
    text = given.get(name)
    if text is None:
        return usual
    low, high = limits
    # Five digits are more than any limit; int() of a megabyte of them takes seconds.
    if not text.isascii() or not text.isdigit() or len(text) > 5 or not low <= int(text) <= high:  # noqa: PLR2004
        raise InvalidQuery(f"{name}={text[:40]!r} is not a whole number from {low:,} to {high:,}.", "Correct it.")
    return int(text)
