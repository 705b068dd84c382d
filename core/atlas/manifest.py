"""Manifest of an atlas store, ``manifest.json``: typed and validated."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Literal, TypeAlias

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SCHEMA_VERSION = 2
# Version 1 is read too, and `masldatlas datasets upgrade` makes version 2 of it.
READABLE_VERSIONS = (1, SCHEMA_VERSION)
SPECIES = ("human", "mouse", "zebrafish", "integrated", "other")
NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

Species: TypeAlias = Literal["human", "mouse", "zebrafish", "integrated", "other"]
Role: TypeAlias = Literal["cell_type", "group", "sample"]
ColumnKind: TypeAlias = Literal["categorical", "numeric", "text"]
Scale: TypeAlias = Literal["ln1p", "log2_1p", "log10_1p", "linear", "signed"]
SCALES: tuple[Scale, ...] = ("ln1p", "log2_1p", "log10_1p", "linear", "signed")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


class SourceInfo(_Frozen):
    """The file an atlas was made from; `mtime_ns` tells a changed drop-in file from the same one."""

    file: str
    bytes: int
    sha256: str
    mtime_ns: int


class SubsetInfo(_Frozen):
    """Subset of the cells of the file that an atlas was made from.

    `columns` are those whose categories, together, made the strata it was drawn by; none for a simple random sample.
    """

    n_source_cells: int
    seed: int
    columns: tuple[str, ...]
    n_strata: int


class LayerInfo(_Frozen):
    """One matrix of the atlas; `unit` labels axes and `rule` describes the origin of the values.

    `scale` tells how the linear value x was transformed: ``ln1p``, ``log2_1p`` and ``log10_1p`` hold log(x + 1) to that
    base, ``linear`` holds x, and from ``signed`` values (scaled, centred) no linear value can be had. `computed` counts
    have no files of their own: round(expm1(expression) * total of the cell / 10,000), which the import has proved.
    """

    name: str
    dtype: Literal["float32", "float64"]
    unit: str
    rule: str
    integers: bool
    n_nonzero: int
    minimum: float
    maximum: float
    scale: Scale = "ln1p"
    computed: bool = False

    @property
    def signed(self) -> bool:
        """True where zero is no absence, so that a value above zero does not mean that a cell expresses the gene."""
        return self.scale == "signed" or self.minimum < 0


class EmbeddingInfo(_Frozen):
    """One map of the cells; `n_missing` cells have no place on it.

    `y_down`: the second axis grows downwards, as that of an image of the tissue does.
    """

    key: str
    label: str
    dimensions: int
    n_missing: int
    origin: str
    computed: bool
    y_down: bool = False


class ColumnInfo(_Frozen):
    """One obs column; `colors` are those that its author chose for the categories, in their order, or none."""

    name: str
    kind: ColumnKind
    n_categories: int
    n_missing: int
    minimum: float | None
    maximum: float | None
    colors: tuple[Annotated[str, StringConstraints(pattern="^#[0-9a-f]{6}$")], ...] = ()


class FileInfo(_Frozen):
    """Size and checksum of one file of the store."""

    bytes: int
    sha256: str


class Manifest(_Frozen):
    """Description of one atlas, small enough for a page.

    `content_hash` covers every byte of data and every fact that changes a result or a label, but not when or
    with which versions the atlas was made: the same file imported twice has one hash. A store that was upgraded keeps
    its hash, since its content is the same: `sealed_files` are then the files of version 1, which the hash covers.
    """

    schema_version: int
    species: Species
    name: Annotated[str, StringConstraints(pattern=f"^{NAME_PATTERN.pattern}$")]
    title: str
    citation: str
    abstract: str = ""
    doi: str = ""
    simulated: bool
    source: SourceInfo
    n_cells: int = Field(ge=1)
    n_genes: int = Field(ge=1)
    subset: SubsetInfo | None = None
    layers: tuple[LayerInfo, ...]
    embeddings: tuple[EmbeddingInfo, ...]
    columns: tuple[ColumnInfo, ...]
    roles: dict[Role, str]
    notes: tuple[str, ...]
    software: dict[str, str]
    created: str
    files: dict[str, FileInfo]
    sealed_files: dict[str, FileInfo] = {}
    content_hash: str = ""

    @property
    def id(self) -> str:
        """``<species>/<name>``."""
        return f"{self.species}/{self.name}"

    @property
    def bytes(self) -> int:
        """Size of the store's data on disk."""
        return sum(file.bytes for file in self.files.values())

    @property
    def cells_in_words(self) -> str:
        """``5,000 cells``, or ``5,000 of 2,400,000 cells`` where the atlas is a sample."""
        of = f" of {self.subset.n_source_cells:,}" if self.subset else ""
        return f"{self.n_cells:,}{of} cell{'' if self.n_cells == 1 and not of else 's'}"

    def layer(self, name: str) -> LayerInfo | None:
        """Return the description of one layer, or None."""
        return next((layer for layer in self.layers if layer.name == name), None)

    def column(self, name: str) -> ColumnInfo | None:
        """Return the description of one obs column, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def sealed(self) -> Manifest:
        """Return the same manifest with its content hash filled in."""
        facts = self.model_dump(mode="json", exclude={"created", "software", "content_hash", "source", "sealed_files"})
        facts["source_sha256"] = self.source.sha256
        if self.subset is None:
            # Atlases from before there were samples keep their hash.
            del facts["subset"]
        if self.sealed_files:
            facts["schema_version"] = READABLE_VERSIONS[0]
            facts["files"] = {name: info.model_dump(mode="json") for name, info in self.sealed_files.items()}
        # Likewise those from before these facts were written down.
        for name in ("abstract", "doi"):
            if not facts[name]:
                del facts[name]
        for layer in facts["layers"]:
            # Not what the values are, but where they lie.
            del layer["computed"]
            if layer["scale"] == ("linear" if layer["name"] == "counts" else "ln1p"):
                del layer["scale"]
        for kind, name, usual in (("embeddings", "y_down", False), ("columns", "colors", [])):
            for each in facts[kind]:
                if each[name] == usual:
                    del each[name]
        digest = hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return self.model_copy(update={"content_hash": digest})

    def to_json(self) -> bytes:
        """Indented UTF-8 JSON with sorted keys."""
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
