"""Digital object identifiers within texts."""

from __future__ import annotations

import re

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>,;]+")


def doi_of(text: str) -> str:
    """Return the first DOI of a text, without the address of a resolver; empty where there is none."""
    found = _DOI.search(text)
    return found[0].rstrip(".)]") if found else ""
