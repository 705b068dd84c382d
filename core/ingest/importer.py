"""One import from beginning to end: all of a store appears, or nothing."""

from __future__ import annotations

import importlib.metadata
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from core import __version__
from core.atlas.doi import doi_of
from core.atlas.integrity import checksum, stamp
from core.atlas.manifest import SCHEMA_VERSION, LayerInfo, Manifest, SourceInfo
from core.atlas.paths import AtlasId, Places, name_from, one_line, stem_of
from core.atlas.store import COUNTS, EXPRESSION, MANIFEST, Layer
from core.errors import Conflict, InvalidInput, StorageFull
from core.ingest.bounds import (
    ABSTRACT_LENGTH,
    CITATION_LENGTH,
    DOI_LENGTH,
    TITLE_LENGTH,
    shorten,
    shorten_notes,
)
from core.ingest.column_colors import colors_by_label, with_colors
from core.ingest.durable_files import counted, settle, sync, trouble_in_words, write_array, write_table
from core.ingest.formats.readable import readable
from core.ingest.gene_tables import joined
from core.ingest.h5ad import Source
from core.ingest.import_request import ImportRequest
from core.ingest.layer_rules import plan_layers
from core.ingest.layers import write_layers
from core.ingest.obs_var import clean_obs
from core.ingest.organism import species_of, untold
from core.ingest.store_swap import only_importer, publish, scratch_in
from core.ingest.subset import draw, of_cells
from core.ingest.transpose import GeneBlocks, gene_blocks
from core.ingest.umap import Map, compute_map, default_of, is_latent, maps_of, needs_map
from core.ingest.var import clean_var
from core.system.threads import pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.ingest.layer_rules import Plan
    from core.ingest.matrix import Matrix

    Report: TypeAlias = Callable[[str, float], None]

PACKAGES = ("anndata", "h5py", "numpy", "pandas", "pyarrow", "scanpy", "scipy", "umap-learn")
# Where the work goes, as fractions of the whole, measured on files of 100,000 cells; a UMAP takes the rest.
CHECKSUM, READ, SORTED, MAPPED = 0.05, 0.25, 0.60, 0.95


def import_file(request: ImportRequest, data: Path, report: Report, threads: int = 2) -> AtlasId:
    """Turn an .h5ad file, or one of the formats of `core.ingest.formats`, into an atlas store.

    Parameters
    ----------
    request
        The file and what is known of it.
    data
        The data directory.
    report
        Called with the current step in words and the fraction of the whole that is done.
    threads
        How many threads sort.

    Returns
    -------
    The id of the new atlas.

    Raises
    ------
    InvalidFile
        The file cannot become an atlas; the message says why.
    InvalidInput
        The species or the name is not valid.
    Conflict
        The id is taken and `replace` is not set, or another process imports it.
    StorageFull
        The disk has no room.
    """
    if request.doi and not doi_of(request.doi):
        raise InvalidInput(f"{shorten(request.doi, 80)!r} is not a DOI.", "Write it as 10.1000/182.")
    places = Places(data)
    # What is wrong with these is said before anything is read.
    AtlasId("other" if request.species is None else request.species, "atlas" if request.name is None else request.name)
    if data.exists() and not data.is_dir():
        raise InvalidInput(f"The data directory {data} is a file.", "Choose another one with MASLDATLAS_DATA_DIR.")
    with trouble_in_words(data):
        places.imports.mkdir(parents=True, exist_ok=True)
        with scratch_in(places.work) as scratch:
            return _Import(request, places, scratch, report, threads).run()


def _first(source: Source, *names: str) -> str:
    """Return the first of some texts of ``uns`` that is given."""
    return next((source.uns.texts[name] for name in names if source.uns.texts.get(name)), "")


class _Import:
    def __init__(self, request: ImportRequest, places: Places, scratch: Path, report: Report, threads: int) -> None:
        self.request = request
        self.places = places
        self.tables = scratch / "tables"
        self.store = scratch / "store"
        self.spools = scratch / "spools"
        self.unpacked = scratch / "unpacked"
        self.report = report
        self.threads = threads
        self.n_read = 0
        for directory in (self.tables, self.store, self.spools, self.unpacked):
            directory.mkdir()

    def run(self) -> AtlasId:
        self.report("opening", 0.0)
        with (
            readable(self.request.path, self.unpacked, self.request.modality, self.report) as file,
            Source.open(file.path, self.tables) as source,
        ):
            # From here on what is said and recorded is about the file that was named.
            source.path, source.fingerprint = file.origin, file.fingerprint
            source.skipped.extend(file.notes)
            self.report = file.report
            atlas = self._identify(source)
            with only_importer(self.places, atlas):
                target = self.places.store(atlas)
                if target.exists() and not self.request.replace:
                    raise Conflict(f"The atlas {atlas} exists already.", "Give --replace, or another --name.")
                self._check_room(source)
                try:
                    manifest = self._build(source, atlas)
                except Exception:
                    # Then what was found wrong need not be wrong with the file.
                    source.check_unchanged()
                    raise
                source.check_unchanged()
                (self.store / MANIFEST).write_bytes(manifest.to_json())
                sync(self.store / MANIFEST)
                sync(self.store)
                publish(self.store, target, self.places.work)
        self.report("ready", 1.0)
        return atlas

    def _identify(self, source: Source) -> AtlasId:
        name = self.request.name if self.request.name is not None else name_from(stem_of(self.request.path))
        species = self.request.species or species_of(source)
        return AtlasId(species, name)

    def _check_room(self, source: Source) -> None:
        matrices = [matrix for matrix in (source.x, source.raw, *source.layers.values()) if matrix is not None]
        # The spool, the expression and the counts.
        needed = max((matrix.spool_bytes for matrix in matrices), default=0) * 3
        if self.request.subset is not None:
            needed = int(needed * min(1.0, self.request.subset.n / len(source.obs)))
        free = shutil.disk_usage(self.places.data).free
        if free < needed:
            raise StorageFull(
                f"Importing {source.path.name} may need {needed / 1e9:,.1f} GB below {self.places.data}, "
                f"and {free / 1e9:,.1f} GB are free.",
                "Free some space and import again.",
            )

    def _build(self, source: Source, atlas: AtlasId) -> Manifest:
        origin = checksum(
            source.path, counted(self.report, "checking the file", (0.01, CHECKSUM), stamp(source.path)[0])
        )
        obs = clean_obs(source.obs, {role: self.request.roles.get(role) for role in ("cell_type", "group", "sample")})
        notes = list(obs.notes)
        colors = colors_by_label(source.obs, source.uns.colors, notes)
        drawn = None if self.request.subset is None else draw(obs, self.request.subset)
        if drawn is not None:
            obs = of_cells(obs, drawn.cells)
            source.keep(drawn.cells)
            notes.insert(0, drawn.note)
        elif self.request.subset is not None:
            notes.insert(0, f"All {len(source.obs):,} cells were imported: no fewer than the sample asked for.")
        obs = with_colors(obs, colors)
        plan = plan_layers(source, lambda matrix: self._read(source, matrix), self.request.layers, self.request.scale)
        notes.extend(plan.notes)
        tables = (source.var, source.raw_var)
        genes, others = tables if plan.genes_from == "X" or source.raw_var is None else tables[::-1]
        var, names = clean_var(joined(genes, others), notes)
        if self.request.species is None and atlas.species == "other":
            notes.extend(untold(source, names))
        layers = self._write_layers(plan, SORTED if all(map(is_latent, source.maps)) else MAPPED)
        maps = self._write_maps(source, layers)
        notes.extend(source.skipped)
        self.report("writing tables", MAPPED)
        write_table(self.store / "obs.parquet", obs.table)
        write_table(self.store / "var.parquet", var)
        written = sum(path.stat().st_size for path in self.store.rglob("*.*"))
        return Manifest(
            schema_version=SCHEMA_VERSION,
            species=atlas.species,
            name=atlas.name,
            title=shorten(self.request.title or source.uns.texts.get("title", ""), TITLE_LENGTH)
            or atlas.name.replace("_", " "),
            citation=shorten(self.request.citation or source.uns.texts.get("citation", ""), CITATION_LENGTH),
            abstract=shorten(self.request.abstract or _first(source, "abstract", "description"), ABSTRACT_LENGTH),
            doi=shorten(self._doi(source), DOI_LENGTH),
            simulated=self.request.simulated,
            source=SourceInfo(
                file=one_line(source.path.name),
                bytes=origin.bytes,
                sha256=origin.sha256,
                mtime_ns=source.fingerprint.mtime_ns,
            ),
            n_cells=len(source.obs),
            n_genes=var.num_rows,
            subset=None if drawn is None else drawn.info,
            layers=layers,
            embeddings=tuple(each.info for each in maps),
            columns=obs.columns,
            roles=obs.roles,
            notes=shorten_notes(notes),
            software={"masldatlas": __version__, **{name: importlib.metadata.version(name) for name in PACKAGES}},
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            files=settle(self.store, counted(self.report, "writing to disk", (MAPPED, 1.0), written)),
        ).sealed()

    def _doi(self, source: Source) -> str:
        """Return the DOI of the request, else of the file, else within the citation."""
        texts = (self.request.doi or "", _first(source, "doi", "DOI", "publication_doi"), self.request.citation or "")
        return next(filter(None, map(doi_of, (*texts, source.uns.texts.get("citation", "")))), "")

    def _read(self, source: Source, matrix: Matrix) -> GeneBlocks:
        self.n_read += 1
        step = f"reading {matrix.where}"
        blocks = gene_blocks(
            matrix,
            self.spools / str(self.n_read),
            lambda done: self.report(step, CHECKSUM + (READ - CHECKSUM) * done),
        )
        genes = source.gene_ids("raw" if matrix is source.raw else "X")
        blocks.profile.refuse_bad(matrix.where, lambda cell, gene: f"cell {source.obs.index[cell]}, gene {genes[gene]}")
        return blocks

    def _write_layers(self, plan: Plan, end: float) -> tuple[LayerInfo, ...]:
        """Write all layers; `end` is the fraction of the import that is done then."""
        infos: dict[str, LayerInfo] = {}
        counts = next((planned for planned in plan.layers if planned.name == COUNTS), None)
        sizes = {planned.name: planned.blocks.profile.n_nonzero for planned in plan.layers}
        if counts is not None and any(
            planned.name == EXPRESSION and planned.scale == "ln1p" for planned in plan.layers
        ):
            # The expression is expected to imply them.
            sizes[COUNTS] = 0
        n = sum(sizes.values())
        before = 0
        with pool("sorting", self.threads) as executor:
            for planned in plan.layers:
                if planned.name in infos:
                    continue
                own = sizes[planned.name]
                step = f"sorting the layer {planned.name}"

                def progress(done: float, step: str = step, own: int = own, before: int = before) -> None:
                    self.report(step, READ + (end - READ) * (before + done * own) / max(1, n))

                with_it = counts if planned.name == EXPRESSION else None
                info, computed = write_layers(planned, with_it, self.store / "layers", executor, progress)
                infos[planned.name] = info
                if computed is not None:
                    infos[COUNTS] = computed
                before += own
        shutil.rmtree(self.spools)
        return tuple(infos[planned.name] for planned in plan.layers)

    def _write_maps(self, source: Source, layers: tuple[LayerInfo, ...]) -> list[Map]:
        maps = maps_of(source)
        if needs_map(maps):
            info = next(info for info in layers if info.name == EXPRESSION)
            layer = Layer(self.store / "layers" / EXPRESSION, info, len(source.obs))
            computed = compute_map(
                layer, lambda done: self.report("computing a UMAP", SORTED + (MAPPED - SORTED) * done)
            )
            # Where cells are too few for a UMAP, the components that the file brings along are the better ones.
            keys = [each.info.key for each in maps]
            if computed.info.key not in keys:
                # Before all, but for the one that the file names as the first.
                place = 0 if default_of(source, keys) is None else 1
                maps = [*maps[:place], computed, *maps[place:]]
        if (named := source.uns.texts.get("default_embedding")) and not default_of(source, [e.info.key for e in maps]):
            source.skipped.append(f"uns['default_embedding'] names {named[:80]!r}, which is no map of the file.")
        for each in maps:
            write_array(self.store / "embeddings" / f"{each.info.key}.npy", each.coordinates)
        return maps
