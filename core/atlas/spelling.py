"""Spelling of names: characters that look alike, and blanks and marks that nobody sees, made the same.

Names come from papers, spreadsheets and web pages, which put typographic hyphens, full-width letters, byte order marks
and zero-width blanks into them. A name is compared in three forms: as it was written, `cleaned`, and `folded`.
"""

from __future__ import annotations

import unicodedata

# Hyphens, dashes and minus signs; NFKC maps only some of them.
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")


def tidied(text: str) -> str:
    """Return a text with plain hyphens and commas and without invisible marks; its lines and blanks stay."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text.translate(_HYPHENS)).translate(_HYPHENS)
    return "".join(mark for mark in plain if unicodedata.category(mark) != "Cf")


def cleaned(text: str) -> str:
    """Return a name in plain characters, without blanks at its ends and with single ones inside."""
    # Nearly every name, and there are tens of thousands: blanks other than " " are not printable.
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return " ".join(tidied(text).split())


def folded(text: str) -> str:
    """Return the form in which two names are the same whatever their case."""
    return cleaned(text).casefold()
