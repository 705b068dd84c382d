"""The atlases that are published for everybody to pull: Zenodo record 16887250."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.atlas.paths import AtlasId, name_from

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.atlas.manifest import Species

RECORD = "16887250"
_FILES = f"https://zenodo.org/api/records/{RECORD}/files"
_CITATION = f"MASLDatlas datasets, Zenodo record {RECORD}, doi:10.5281/zenodo.{RECORD}"


@dataclass(frozen=True)
class Published:
    """One atlas that can be pulled.

    Attributes
    ----------
    file : its name in the record
    accession : of the data in GEO; empty for one that was put together from several
    bytes, md5 : of the file, as the record says
    """

    species: Species
    file: str
    title: str
    accession: str
    bytes: int
    md5: str

    @property
    def atlas(self) -> AtlasId:
        """Id of the atlas on this machine."""
        return AtlasId(self.species, name_from(self.file.removesuffix(".h5ad")))

    @property
    def url(self) -> str:
        """Address of the file."""
        return f"{_FILES}/{quote(self.file)}/content"

    @property
    def citation(self) -> str:
        """Citation of the atlas."""
        return f"GEO {self.accession}; {_CITATION}." if self.accession else f"{_CITATION}."

    @property
    def command(self) -> str:
        """Command that downloads and imports the atlas."""
        return f"masldatlas datasets pull {self.atlas}"


PUBLISHED: tuple[Published, ...] = (
    Published("human", "GSE181483.h5ad", "Human, GSE181483", "GSE181483",
              796_102_698, "53d417ce4ca81a5838200dc14f7e12b3"),
    Published("mouse", "GSE145086.h5ad", "Mouse, GSE145086", "GSE145086",
              1_646_507_402, "fd0f7eebcfec2feb19514408a52e0773"),
    Published("zebrafish", "GSE181987.h5ad", "Zebrafish, GSE181987", "GSE181987",
              411_315_996, "aede66990c22aacd95bf06e043da1fd6"),
    Published("integrated", "Fibrotic Integrated Cross Species-002.h5ad", "Fibrotic, integrated across species", "",
              9_688_922_266, "1c335279d82c0439e96796498e65e14d"),
)  # fmt: skip


def published(atlas: AtlasId) -> Published | None:
    """Return the published atlas of that id, or None."""
    return next((each for each in PUBLISHED if each.atlas == atlas), None)


def absent(here: Collection[str]) -> tuple[Published, ...]:
    """List the published atlases that are not on this machine yet."""
    return tuple(each for each in PUBLISHED if str(each.atlas) not in here)
