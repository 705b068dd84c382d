"""Visibility of an atlas: public, unlisted (open at its address, in no list) or private (for those a proxy lets in).

The visibility of an atlas is a file of one word beside the stores, so that it survives each import under the same id
and can be set before the first. It is read anew at each look: a change counts at once, in every process. A file that
cannot be understood means `private`.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from core.atlas.paths import Places

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from core.atlas.paths import AtlasId

Visibility: TypeAlias = Literal["public", "unlisted", "private"]
VISIBILITIES: Final[tuple[Visibility, ...]] = get_args(Visibility)


@dataclass(frozen=True)
class Viewer:
    """Rights of a visitor, a command or a background service.

    Attributes
    ----------
    private : atlases that are private
    unlisted : atlases that are unlisted, in lists; everybody sees them at their address
    faults : names of imports that failed and of unreadable atlases, and the reasons, which may hold paths
    """

    private: bool = True
    unlisted: bool = True
    faults: bool = True


# Commands and background work; `core.web.access` sets the viewer of a request.
OPERATOR: Final = Viewer()
_viewer: ContextVar[Viewer] = ContextVar("viewer", default=OPERATOR)


def viewer() -> Viewer:
    """Return the rights of the current request; those of the operator outside of one."""
    return _viewer.get()


@contextmanager
def seen_by(asking: Viewer) -> Generator[None, None, None]:
    """Restrict the catalogue to what a viewer may see."""
    token = _viewer.set(asking)
    try:
        yield
    finally:
        _viewer.reset(token)


def visibility_of(data: Path, atlas: AtlasId) -> Visibility:
    """Read the visibility of an atlas, which need not exist."""
    try:
        text = Places(data).visibility(atlas).read_text("utf-8").strip()
    except FileNotFoundError:
        return "public"
    except (OSError, UnicodeDecodeError):
        return "private"
    return text if text in VISIBILITIES else "private"


def set_visibility(data: Path, atlas: AtlasId, visibility: Visibility) -> None:
    """Replace the visibility of an atlas; a reader sees the old one or the new one."""
    path = Places(data).visibility(atlas)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name that no atlas can have.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(f"{visibility}\n")
        file.flush()
        # A crash must not make a private atlas public.
        os.fsync(file.fileno())
    draft.replace(path)


def served(data: Path, atlas: AtlasId) -> bool:
    """Tell whether the viewer may open an atlas."""
    return viewer().private or visibility_of(data, atlas) != "private"


def listed(data: Path, atlas: AtlasId) -> bool:
    """Tell whether lists show an atlas to the viewer."""
    return {"public": True, "unlisted": viewer().unlisted, "private": viewer().private}[visibility_of(data, atlas)]
