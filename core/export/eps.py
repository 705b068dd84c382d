"""Encapsulated PostScript, which some journals require: converted from PDF by poppler-utils.

PostScript knows no transparency, and what is transparent would become a bitmap; so colours are mixed with the paper
before the figure is drawn. ``pdftocairo`` turns the PDF over piece by piece, where ``pdftops`` makes a bitmap of the
whole page as soon as one thing on it is transparent.
"""

from __future__ import annotations

import base64
import io
import re
import subprocess
import tempfile
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any, cast

from core.errors import Unavailable
from core.figures.color_space import mixed

if TYPE_CHECKING:
    from core.figures.theme import Json
    from core.views.result import Figure

PROGRAM = "pdftocairo"
SECONDS = 30.0
INCH, POINTS = 25.4, 72.0
# Characters of a line of a comment, by the document structuring conventions of PostScript.
LINE = 240
# Pixels: Chromium prints a thinner line round a bar as a translucent one.
LEAST_LINE = 1.4
_RGBA = re.compile(r"rgba\((\d+), ?(\d+), ?(\d+), ?([\d.]+)\)")
_OWN = (b"%%Creator:", b"%%CreationDate:", b"%%BoundingBox:", b"%%HiResBoundingBox:", b"%%Title:")


def converter() -> str | None:
    """Return the path of the converter; None where it is not installed."""
    return which(PROGRAM)


def eps(pdf: bytes, drawn: Figure, size: tuple[float, float], facts: str) -> bytes:
    """Convert a PDF to EPS, with its provenance as comments.

    Parameters
    ----------
    size : width and height in millimetres
    facts : JSON on one line

    Raises
    ------
    Unavailable
        The program is not installed, or fails.
    """
    program = converter()
    if program is None:
        raise Unavailable(
            f"EPS needs {PROGRAM}, which is not installed.",
            "Install poppler-utils, or export PDF, which has the same content.",
        )
    with tempfile.TemporaryDirectory() as directory:
        source, target = Path(directory) / "figure.pdf", Path(directory) / "figure.eps"
        source.write_bytes(pdf)
        try:
            done = subprocess.run(  # noqa: S603 - a program by its path, and names of ours
                [program, "-eps", "-level3", str(source), str(target)],
                capture_output=True,
                check=False,
                timeout=SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(
                f"{program} failed to write an EPS: {type(error).__name__}.", "Export PDF instead."
            ) from error
        if done.returncode or not target.is_file():
            message = (done.stderr.decode(errors="replace").splitlines() or ["no message"])[-1]
            raise Unavailable(f"{program} failed to write an EPS: {message[:200]}.", "Export PDF instead.")
        content = target.read_bytes()
    return _with_comments(content, drawn, size, facts)


def _with_comments(content: bytes, drawn: Figure, size: tuple[float, float], facts: str) -> bytes:
    """Write comments into the head and the bounding box of the whole figure, and remove the time."""
    first, _, rest = content.partition(b"\n")
    head, end, body = rest.partition(b"%%EndComments")
    kept = [line for line in head.splitlines() if not line.startswith(_OWN)]
    width, height = (side / INCH * POINTS for side in size)
    own = [
        f"%%Title: {_ascii(drawn.title)[:LINE]}",
        f"%%Creator: MASLDatlas {drawn.facts['version']}",
        f"%%BoundingBox: 0 0 {-(-width // 1):.0f} {-(-height // 1):.0f}",
        f"%%HiResBoundingBox: 0 0 {width:.3f} {height:.3f}",
    ]
    pieces = _ascii(facts)
    comments = [f"%masldatlas: {pieces[at : at + LINE]}" for at in range(0, len(pieces), LINE)]
    lines = [first, *(line.encode() for line in own), *kept, end, *(line.encode() for line in comments)]
    return b"\n".join(lines) + body


def facts_in(content: bytes) -> str:
    """Read the provenance of an exported EPS, as JSON."""
    mark = b"%masldatlas: "
    lines = [line[len(mark) :] for line in content.splitlines() if line.startswith(mark)]
    return b"".join(lines).decode()


def _ascii(text: str) -> str:
    """Escape a text for the comments of PostScript, as JSON does."""
    return "".join(letter if " " <= letter <= "~" else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def without_transparency(figure: Json, paper: str) -> Json:
    """Remove transparency: each colour is mixed with the paper by its opacity."""
    data = [_opaque_trace(cast("Json", trace), paper) for trace in figure["data"]]
    layout = cast("Json", _opaque_colors(figure["layout"], paper))
    if layout.get("images"):
        layout["images"] = [
            {**image, "source": _opaque_image(str(image["source"]), paper)} for image in layout["images"]
        ]
    return {**figure, "data": data, "layout": layout}


def _opaque_trace(trace: Json, paper: str) -> Json:
    content = cast("Json", _opaque_colors(trace, paper))
    marker = content.get("marker")
    if isinstance(marker, dict):
        # Overlapping points cannot be mixed with the paper one by one: they become opaque.
        content["marker"] = {**marker, "opacity": 1}
        if content.get("type") == "bar" and isinstance(marker.get("line"), dict):
            content["marker"]["line"] = {**marker["line"], "width": LEAST_LINE}
    return {**content, "opacity": 1} if "opacity" in content else content


def _opaque_colors(part: Any, paper: str) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        return {name: _opaque_colors(value, paper) for name, value in part.items()}
    if isinstance(part, list):
        return [_opaque_colors(value, paper) for value in part]
    if isinstance(part, str) and part.startswith("rgba("):
        found = _RGBA.fullmatch(part)
        if found:
            red, green, blue = (int(found[at]) for at in (1, 2, 3))
            return mixed(f"#{red:02x}{green:02x}{blue:02x}", paper, float(found[4]))
    return part


def _opaque_image(source: str, paper: str) -> str:
    """Remove the transparency of an image."""
    from PIL import Image

    head, _, text = source.partition(",")
    with Image.open(io.BytesIO(base64.b64decode(text))) as image:
        if "A" not in image.getbands():
            return source
        behind = Image.new("RGBA", image.size, paper)
        behind.alpha_composite(image.convert("RGBA"))
    buffer = io.BytesIO()
    behind.convert("RGB").save(buffer, "PNG")
    return f"{head},{base64.b64encode(buffer.getvalue()).decode()}"
