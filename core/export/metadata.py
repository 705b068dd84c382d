"""Metadata inside of exported files, where they stay when a file is copied."""

from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.views.result import Figure

# Id of the metadata in SVG, and key of a text in PNG.
KEY = "MASLDatlas"
NAMESPACE = "https://masldatlas.org/ns/figure/1/"
INCH, POINTS, DPI = 25.4, 72.0, 96.0
# Plotly adds six random digits to the ids of each drawing; no other name in the file has this form.
_UID = re.compile(rb'<defs id="defs-([0-9a-f]{6})"')
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def facts_json(drawn: Figure) -> str:
    """Return the provenance, with legend and methods, as JSON with sorted keys."""
    facts = {**drawn.facts, "legend": drawn.legend, "methods": drawn.methods}
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY).decode()


def in_svg(svg: bytes, drawn: Figure) -> bytes:
    """Add size in millimetres, title, description and metadata to an SVG; the same figure gives the same file."""
    found = _UID.search(svg)
    if found is not None:
        uid = found[1]
        svg = re.sub(rb'((?:"|#)[a-z-]*)' + re.escape(uid), rb"\1figure", svg)
    width, height = paper(drawn)
    head, root, rest = svg.partition(b"<svg ")
    attributes, end, body = rest.partition(b">")
    attributes = re.sub(rb'\bwidth="[^"]*"', f'width="{width:g}mm"'.encode(), attributes, count=1)
    attributes = re.sub(rb'\bheight="[^"]*"', f'height="{height:g}mm"'.encode(), attributes, count=1)
    metadata_xml = (
        f"<title>{_xml(drawn.title)}</title><desc>{_xml(drawn.legend)}</desc>"
        f'<metadata id="{KEY}">{_xml(facts_json(drawn))}</metadata>'
    )
    return head + root + attributes + end + metadata_xml.encode() + body


def in_png(png: bytes, drawn: Figure, look: Look) -> bytes:
    """Add resolution and provenance, as international text, to a PNG."""
    from PIL import Image, PngImagePlugin

    texts = PngImagePlugin.PngInfo()
    for name, text in (
        (KEY, facts_json(drawn)),
        ("Title", drawn.title),
        ("Description", drawn.legend),
        ("Software", f"MASLDatlas {drawn.facts['version']}"),
        ("Source", str(drawn.facts["permalink"])),
    ):
        texts.add_itxt(name, text)
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        # Journals do not accept transparency; the paper is opaque anyway.
        image.convert("RGB").save(buffer, "PNG", pnginfo=texts, dpi=(look.dpi, look.dpi), optimize=True)
    return buffer.getvalue()


def in_pdf(pdf: bytes, drawn: Figure) -> bytes:
    """Fit the page of a PDF to the figure and add the provenance as XMP, without the time of creation."""
    # pikepdf logs when it is imported.
    logging.getLogger("pikepdf").setLevel(logging.WARNING)
    import pikepdf

    width, height = (side / INCH * POINTS for side in paper(drawn))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        page = opened.pages[0]
        x, y, factor = _fitted(page, width, drawn)
        page.contents_add(
            f"q {factor:.6f} 0 0 {factor:.6f} {-x * factor:.6f} {-y * factor:.6f} cm\n".encode(), prepend=True
        )
        page.contents_add(b"\nQ")
        page.mediabox = pikepdf.Rectangle(0, 0, round(width, 3), round(height, 3))
        for name in [str(name) for name in opened.docinfo if str(name) != "/Producer"]:
            del opened.docinfo[name]
        with opened.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            meta.register_xml_namespace(NAMESPACE, "masldatlas")
            meta["dc:title"] = _legal(drawn.title)
            meta["dc:description"] = _legal(drawn.legend)
            meta["dc:source"] = str(drawn.facts["permalink"])
            meta["xmp:CreatorTool"] = f"MASLDatlas {drawn.facts['version']}"
            meta[f"{{{NAMESPACE}}}facts"] = _legal(facts_json(drawn))
        buffer = io.BytesIO()
        opened.save(buffer, deterministic_id=True)
    return buffer.getvalue()


def paper(drawn: Figure) -> tuple[float, float]:
    """Return width and height in millimetres."""
    layout, look = drawn.figure["layout"], drawn.look
    return look.width, round(look.height or look.millimetres(layout["height"]), 2)


def _fitted(page: object, width: float, drawn: Figure) -> tuple[float, float, float]:
    """Locate the figure on the page that Kaleido printed: lower left corner, and scale to the requested size.

    Chromium prints a figure within the margins of a page, smaller by as much: its first two matrices tell.
    """
    import pikepdf

    matrices = [
        [float(part) for part in operands]
        for operands, operator in pikepdf.parse_content_stream(page)[:3]  # pyright: ignore[reportArgumentType]
        if str(operator) == "cm"
    ]
    layout = drawn.figure["layout"]
    unit, right, down, top = POINTS / DPI, 0.0, 0.0, 0.0
    if matrices:
        first, second = matrices[0], matrices[1] if len(matrices) > 1 else [1, 0, 0, 1, 0, 0]
        unit = abs(first[0]) * second[0]
        right, down, top = first[0] * second[4], abs(first[3]) * second[5], first[5]
    height = layout["height"] * unit
    return right, top - down - height, width / (layout["width"] * unit)


def _xml(text: str) -> str:
    return _legal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _legal(text: str) -> str:
    """Replace the few characters that XML cannot represent."""
    return _FORBIDDEN.sub("\ufffd", text)
