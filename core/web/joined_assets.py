"""Scripts and style sheets of the pages as one file each: sixty requests would delay the first map.

The files of ``assets/js`` and ``assets/css`` are joined in the order in which Dash lists them, and each is still served
by itself.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flask import Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

# Folder, ending, tag and type of each joined file; addresses within a style sheet are relative to its folder.
SCRIPTS: Final = ("js", "js", '<script src="{}"></script>', "text/javascript")
STYLES: Final = ("css", "css", '<link rel="stylesheet" href="{}">', "text/css")
NAME: Final = "all"


class JoinedAssets:
    """The joined files of a folder of assets.

    Parameters
    ----------
    folder : of the assets
    left_out : name of the script that stands in the head of every page by itself
    """

    def __init__(self, folder: Path, left_out: str) -> None:
        self._folder = folder
        self._left_out = left_out

    def register(self, server: Flask) -> None:
        """Serve both files."""
        for kind in (SCRIPTS, STYLES):
            address = f"/assets/{kind[0]}/{NAME}.{kind[1]}"
            server.add_url_rule(address, f"joined_{kind[0]}", self._serving(kind))

    def tags(self, html: str, kind: tuple[str, str, str, str], address: Callable[[str], str]) -> str:
        """Replace the tags of single files by one tag, where the first of them stands.

        Parameters
        ----------
        html : tags as Dash writes them
        kind : `SCRIPTS` or `STYLES`
        address : makes the address of an asset
        """
        folder, ending, tag, _ = kind
        single = re.compile(re.escape(tag).replace(r"\{\}", rf'[^"]*/assets/{folder}/[^"]+\.{ending}[^"]*') + r"\s*")
        _, digest = self._content(kind)
        joined = tag.format(f"{address(f'{folder}/{NAME}.{ending}')}?m={digest}")
        html, n = single.subn(f"{joined}\n", html, count=1)
        return single.sub(lambda found: found[0] if joined in found[0] else "", html) if n else html

    def names(self, kind: tuple[str, str, str, str]) -> list[str]:
        """List the files that are joined, in their order, below the folder of assets."""
        return [file.relative_to(self._folder).as_posix() for file in self._files(kind)]

    def _files(self, kind: tuple[str, str, str, str]) -> list[Path]:
        found = (self._folder / kind[0]).rglob(f"*.{kind[1]}")
        return sorted((file for file in found if file.name != self._left_out), key=lambda file: file.parts)

    def _content(self, kind: tuple[str, str, str, str]) -> tuple[bytes, str]:
        files = self._files(kind)
        return _joined(tuple((file, file.stat().st_mtime_ns) for file in files), kind[1])

    def _serving(self, kind: tuple[str, str, str, str]) -> Callable[[], Response]:
        def serve() -> Response:
            content, digest = self._content(kind)
            answer = Response(content, mimetype=kind[3])
            answer.set_etag(f"{digest}-{len(content)}")
            answer.headers["Cache-Control"] = "no-cache"
            return answer

        return serve


@lru_cache(maxsize=8)
def _joined(files: tuple[tuple[Path, int], ...], ending: str) -> tuple[bytes, str]:
    """Join files, whose times tell a change; return the content and its digest."""
    between = b"\n;\n" if ending == "js" else b"\n"
    content = between.join(file.read_bytes() for file, _ in files)
    return content, hashlib.sha256(content).hexdigest()[:16]
