"""Words of a label: how names of cell types and zones are compared with vocabularies."""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W_]+")


def words_of(label: str) -> str:
    """Return the words of a label in lower case, one blank apart: ``hepatocyte periportal`` for HepatocytePeriportal.

    Punctuation, underscores and a capital after a small letter separate words.
    """
    return _BETWEEN.sub(" ", _CAMEL.sub(" ", label)).strip().casefold()
