"""Ids of the export and embed dialogs."""

from __future__ import annotations

from enum import StrEnum


class Publish(StrEnum):
    """Ids of the toolbar of a figure and of the export dialog; see ``pages/_export_dialog.py``.

    `EXPORT` and `EMBED` hold the figure whose dialog is to be opened; `CONTENTS` holds the content hash of every atlas,
    which permalinks name; `COLLECTION` holds the figures of one zip, each as a link that includes its style.
    """

    EXPORT = "publish-export"
    EMBED = "publish-embed"
    CONTENTS = "publish-contents"
    SAID = "publish-said"
    BY_HAND = "publish-by-hand"
    BY_HAND_LINK = "publish-by-hand-link"

    DIALOG = "publish-dialog"
    HEAD = "publish-head"
    CLOSE = "publish-close"
    FORM = "publish-form"
    DPI = "publish-dpi"
    WIDTH = "publish-width"
    WIDTH_MM = "publish-width-mm"
    HEIGHT = "publish-height"
    FONT_SIZE = "publish-font-size"
    FONT = "publish-font"
    THEME = "publish-theme"
    LEGEND = "publish-legend"
    TITLE = "publish-title"
    DOWNLOAD = "publish-download"
    ADD = "publish-add"
    STATUS = "publish-status"
    NO_BROWSER = "publish-no-browser"
    PREVIEW = "publish-preview"
    SIZE = "publish-size"
    LEGEND_TEXT = "publish-legend-text"
    METHODS_TEXT = "publish-methods-text"
    COLLECTION = "publish-collection"
    COLLECTED = "publish-collected"
    BUNDLE = "publish-bundle"


class Embed(StrEnum):
    """Ids of the embed dialog, which `Publish.EMBED` opens.

    See ``pages/_embed_dialog.py``.

    `PLAIN` and `SCRIPTED` hold the lines to copy, without and with the script that sets the height of the frame.
    """

    DIALOG = "embed-dialog"
    HEAD = "embed-head"
    CLOSE = "embed-close"
    THEME = "embed-theme"
    CONTROLS = "embed-controls"
    BACKGROUND = "embed-background"
    TITLE = "embed-title"
    SIZE = "embed-size"
    WIDTH = "embed-width"
    HEIGHT = "embed-height"
    PREVIEW = "embed-preview"
    NOTE = "embed-note"
    SCRIPTED = "embed-scripted"
    PLAIN = "embed-plain"
