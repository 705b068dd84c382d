"""Embedded frames, oEmbed and link previews."""
