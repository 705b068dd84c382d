"""Every format gives the atlas that the same data give as .h5ad."""

import gzip
import io
import shutil
import warnings

import anndata
import h5py
import numpy as np
import orjson
import pandas as pd
import pytest
from scipy import io as sparse_io
from scipy import sparse

from core.atlas.paths import Places, stem_of
from core.atlas.store import Atlas
from core.errors import InvalidFile, InvalidInput
from core.ingest.importer import ImportRequest, import_file

N_CELLS, N_GENES = 23, 11
GENES = [f"ENSG{at:011d}" for at in range(N_GENES)]
SYMBOLS = [f"Gene{at}" for at in range(N_GENES)]
CELLS = [f"cell{at}-1" for at in range(N_CELLS)]


@pytest.fixture
def counts():
    values = np.random.default_rng(5).poisson(0.8, (N_CELLS, N_GENES))
    values[3] = 0
    return sparse.csr_matrix(values.astype(np.int32))


@pytest.fixture
def adata(counts):
    rng = np.random.default_rng(6)
    made = anndata.AnnData(
        counts,
        obs=pd.DataFrame({"CellType": np.resize(["B", "T"], N_CELLS), "score": rng.random(N_CELLS)}, CELLS),
        var=pd.DataFrame({"gene_symbols": SYMBOLS}, GENES),
        obsm={"X_umap": rng.normal(size=(N_CELLS, 2)).astype(np.float32)},
        uns={"title": "A title"},
    )
    made.layers["spliced"] = counts.toarray().astype(np.float32)
    return made


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Return a function that imports a file and opens the atlas; a UMAP is the affair of other tests."""
    monkeypatch.setattr("core.ingest.importer.needs_map", lambda maps: False)
    data = tmp_path / "data"

    def open_(path, **options):
        steps = []
        atlas = import_file(
            ImportRequest(path, replace=True, **options), data, lambda step, done: steps.append((done, step))
        )
        fractions = [done for done, _ in steps]
        assert fractions == sorted(fractions), "progress never goes back"
        places = Places(data)
        assert list(places.work.iterdir()) == [], "nothing is left behind"
        return Atlas(places.store(atlas))

    return open_


def matrix_of(atlas, name="counts"):
    layer = atlas.layer(name)
    return np.stack([layer.dense(gene) for gene in range(layer.n_genes)], axis=1)


def same(atlas, counts, genes=GENES, cells=CELLS):
    assert list(atlas.cells()) == list(cells)
    assert list(atlas.genes.ids) == list(genes)
    assert np.array_equal(matrix_of(atlas), counts.toarray())


def write_tenx(path, counts, *, types=("Gene Expression",) * N_GENES, genome="GRCh38"):
    """Write what Cell Ranger 3 writes: a CSC matrix of features by barcodes."""
    by_feature = sparse.csc_matrix(counts.T)
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(by_feature, name).astype(np.int32 if name == "data" else np.int64)
        group["shape"] = np.array(by_feature.shape, dtype=np.int32)
        group["barcodes"] = np.array(CELLS, dtype="S18")
        features = group.create_group("features")
        genomes = [genome] * len(GENES)
        for name, values in (("id", GENES), ("name", SYMBOLS), ("feature_type", types), ("genome", genomes)):
            features[name] = np.array(values, dtype="S32")
    return path


def write_mtx(folder, counts, *, prefix="", packed=True, genes="features", transposed=False, shuffled=False):
    """Write the three files of a 10x folder."""
    folder.mkdir()
    matrix = sparse.coo_matrix(counts if transposed else counts.T)
    if shuffled:
        order = np.random.default_rng(0).permutation(matrix.nnz)
        matrix = sparse.coo_matrix((matrix.data[order], (matrix.row[order], matrix.col[order])), matrix.shape)
    text = io.BytesIO()
    sparse_io.mmwrite(text, matrix, comment="a comment", field="integer", symmetry="general")
    types = "\tGene Expression" if genes == "features" else ""
    features = "".join(f"{gene}\t{symbol}{types}\n" for gene, symbol in zip(GENES, SYMBOLS, strict=True))
    parts = {
        "matrix.mtx": text.getvalue(),
        f"{genes}.tsv": features.encode(),
        "barcodes.tsv": "".join(f"{cell}\n" for cell in CELLS).encode(),
    }
    for name, content in parts.items():
        path = folder / f"{prefix}{name}{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(content) if packed else content)
    return folder


def write_zarr(adata, folder, version):
    """Write what anndata writes; it warns of its next release."""
    with warnings.catch_warnings(), anndata.settings.override(zarr_write_format=version):
        warnings.simplefilter("ignore")
        adata.write_zarr(folder)
    return folder


def test_a_packed_h5ad(adata, counts, opened, tmp_path):
    plain = tmp_path / "liver.h5ad"
    adata.write_h5ad(plain)
    packed = tmp_path / "liver.h5ad.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    atlas = opened(packed)
    same(atlas, counts)
    assert atlas.id == "human/liver"
    assert (atlas.manifest.source.file, atlas.manifest.source.bytes) == (packed.name, packed.stat().st_size)
    assert atlas.manifest.layers == opened(plain).manifest.layers


@pytest.mark.parametrize("version", [2, 3])
def test_zarr(adata, counts, opened, tmp_path, version):
    adata.raw = adata
    write_zarr(adata, tmp_path / "liver.zarr", version)
    atlas = opened(tmp_path / "liver.zarr", layers=("spliced",))
    same(atlas, counts)
    assert np.array_equal(matrix_of(atlas, "spliced"), adata.layers["spliced"])
    assert np.array_equal(atlas.embedding("X_umap"), adata.obsm["X_umap"])
    assert atlas.column("score").values.tolist() == adata.obs["score"].tolist()
    assert atlas.categorical("CellType").categories == ("B", "T")
    assert atlas.manifest.title == "A title"
    assert atlas.genes.names[0] == "Gene0"


@pytest.mark.parametrize("layout", ["csc", "dense"])
def test_zarr_of_other_matrices(adata, counts, opened, tmp_path, layout):
    adata.X = sparse.csc_matrix(counts) if layout == "csc" else counts.toarray()
    write_zarr(adata, tmp_path / "liver.zarr", 3)
    same(opened(tmp_path / "liver.zarr"), counts)


def test_zarr_whose_codec_runs_programs(adata, opened, tmp_path):
    path = write_zarr(adata, tmp_path / "evil.zarr", 2)
    described = path / "obs" / "_index" / ".zarray"
    described.write_bytes(orjson.dumps({**orjson.loads(described.read_bytes()), "filters": [{"id": "pickle"}]}))
    with pytest.raises(InvalidFile, match="'pickle', which is not read"):
        opened(path)


@pytest.mark.parametrize("part", ["obs/_index", "X/data"])
def test_zarr_that_unfolds_beyond_all_proportion(adata, opened, tmp_path, part):
    path = write_zarr(adata, tmp_path / "bomb.zarr", 2)
    described = path / part / ".zarray"
    described.write_bytes(orjson.dumps({**orjson.loads(described.read_bytes()), "shape": [3_000_000_000]}))
    with pytest.raises(InvalidFile, match=f"{part} has 3,000,000,000 values, but the folder has 0.0 MB"):
        opened(path)


@pytest.mark.parametrize("file", ["zarr", "mtx"])
def test_a_symbolic_link_in_a_folder(adata, counts, opened, tmp_path, file):
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0\n")
    folder = tmp_path / f"evil.{file}"
    if file == "zarr":
        write_zarr(adata, folder, 2)
        link = next(path for path in (folder / "obs").rglob("*") if path.is_file())
    else:
        write_mtx(folder, counts, packed=False)
        link = folder / "barcodes.tsv"
    link.unlink()
    link.symlink_to(secret)
    with pytest.raises(InvalidFile, match="is a symbolic link"):
        opened(folder)


def test_tenx_of_cell_ranger_3(counts, opened, tmp_path):
    atlas = opened(write_tenx(tmp_path / "filtered_feature_bc_matrix.h5", counts))
    same(atlas, counts)
    assert atlas.id == "human/filtered_feature_bc_matrix"
    assert list(atlas.genes.names) == SYMBOLS


def test_tenx_with_antibodies(counts, opened, tmp_path):
    types = ["Gene Expression", "Antibody Capture"] * 5 + ["Gene Expression"]
    atlas = opened(write_tenx(tmp_path / "a.h5", counts, types=types))
    same(atlas, counts[:, ::2], GENES[::2])
    left = "5 features of the type Antibody Capture were left out: the atlas holds gene expression."
    assert left in atlas.manifest.notes


def test_tenx_of_cell_ranger_2(counts, opened, tmp_path):
    path = tmp_path / "old.h5"
    with h5py.File(write_tenx(tmp_path / "new.h5", counts)) as new, h5py.File(path, "w") as old:
        for genome in ("hg19", "mm10"):
            group = old.create_group(genome)
            for name in ("data", "indices", "indptr", "shape", "barcodes"):
                new.copy(new["matrix"][name], group, name)
            new.copy(new["matrix/features/id"], group, "genes")
            new.copy(new["matrix/features/name"], group, "gene_names")
    with pytest.raises(InvalidFile, match=r"a matrix for each of hg19, mm10\. Choose one with --modality"):
        opened(path)
    same(opened(path, modality="hg19"), counts)


def test_tenx_that_names_a_feature_it_lacks(counts, opened, tmp_path):
    path = write_tenx(tmp_path / "a.h5", counts)
    with h5py.File(path, "r+") as file:
        file["matrix/indices"][3] = N_GENES
    with pytest.raises(InvalidFile, match="names a feature that it does not have"):
        opened(path)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"packed": False, "genes": "genes"},
        {"prefix": "GSM123_liver_"},
        {"transposed": True},
        {"shuffled": True, "packed": False},
    ],
)
def test_mtx_folders(counts, opened, tmp_path, options):
    folder = write_mtx(tmp_path / "sample.1", counts, **options)
    atlas = opened(folder)
    same(atlas, counts)
    assert atlas.id == "human/sample_1"
    assert list(atlas.genes.names) == SYMBOLS
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert (atlas.manifest.source.file, atlas.manifest.source.bytes) == ("sample.1", size)


def test_a_matrix_by_its_own_name(counts, opened, tmp_path):
    folder = write_mtx(tmp_path / "geo", counts, prefix="GSM1_")
    for path in list(folder.iterdir()):
        shutil.copy(path, folder / path.name.replace("GSM1_", "GSM2_"))
    with pytest.raises(InvalidFile, match=r"2 matrices: GSM1_matrix.mtx.gz, GSM2_matrix.mtx.gz"):
        opened(folder)
    same(opened(folder / "GSM2_matrix.mtx.gz"), counts)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("barcodes", "but there are 11 features and 22 barcodes"),
        ("missing", "There is no features.tsv or genes.tsv beside matrix.mtx"),
        ("entry", "an entry outside of its shape"),
        ("cut", "entries and has only"),
        ("more", "entries and has more"),
        ("places", "more than it has places"),
        ("text", "cannot be read to its end"),
        ("head", "not a Matrix Market file"),
    ],
)
def test_broken_mtx_folders(counts, opened, tmp_path, wrong, said):
    folder = write_mtx(tmp_path / "a", counts, packed=False)
    matrix, lines = folder / "matrix.mtx", (folder / "matrix.mtx").read_text().splitlines(keepends=True)
    if wrong == "barcodes":
        (folder / "barcodes.tsv").write_text("\n".join(CELLS[1:]))
    elif wrong == "missing":
        (folder / "features.tsv").unlink()
    elif wrong == "entry":
        matrix.write_text("".join([*lines[:-1], "12 1 1\n"]))
    elif wrong == "cut":
        matrix.write_text("".join(lines[:-3]))
    elif wrong == "more":
        matrix.write_text("".join([*lines, *lines[-3:]]))
    elif wrong == "places":
        matrix.write_text(lines[0] + f"{N_GENES} {N_CELLS} {N_GENES * N_CELLS + 1}\n" + "".join(lines[3:]))
    elif wrong == "text":
        matrix.write_text("".join([*lines[:-1], "one two 3\n"]))
    else:
        matrix.write_text("".join(lines[1:]))
    with pytest.raises(InvalidFile, match=said):
        opened(folder)


def write_mudata(path, adata, names=("rna", "prot"), **shared):
    """Write what mudata writes: an AnnData for each modality, and the tables of all cells."""
    with h5py.File(path, "w") as file:
        file.attrs["encoding-type"] = "MuData"
        for name in names:
            part = adata.copy()
            part.obs_names = [f"{name}-{cell}" if name != names[0] else cell for cell in part.obs_names]
            anndata.io.write_elem(file, f"mod/{name}", part)
        order = np.random.default_rng(1).permutation(N_CELLS)
        anndata.io.write_elem(file, "obs", shared["obs"].iloc[order] if shared else pd.DataFrame(index=CELLS))
        if shared:
            anndata.io.write_elem(file, "obsm", {"X_wnn": shared["wnn"][order]})
            file[f"obsmap/{names[0]}"] = (order + 1).astype(np.uint32)
    return path


def test_h5mu(adata, counts, opened, tmp_path):
    atlas = opened(write_mudata(tmp_path / "liver.h5mu", adata))
    same(atlas, counts)
    assert "Of the modalities of the file this atlas holds rna; the others are prot." in atlas.manifest.notes
    assert opened(tmp_path / "liver.h5mu", modality="prot").cells()[0] == "prot-cell0-1"


def test_h5mu_with_columns_and_maps_of_all_modalities(adata, counts, opened, tmp_path):
    wnn = np.random.default_rng(2).normal(size=(N_CELLS, 2)).astype(np.float32)
    donors = [f"d{at % 5}" for at in range(N_CELLS)]
    obs = pd.DataFrame({"donor": donors, "rna:score": adata.obs["score"].to_numpy()}, CELLS)
    atlas = opened(write_mudata(tmp_path / "a.h5mu", adata, obs=obs, wnn=wnn))
    same(atlas, counts)
    column = atlas.categorical("donor")
    assert [column.categories[code] for code in column.codes] == donors
    assert atlas.manifest.column("rna:score") is None
    assert np.array_equal(atlas.embedding("X_wnn"), wnn)


def test_h5mu_without_a_usual_modality(adata, opened, tmp_path):
    path = write_mudata(tmp_path / "a.h5mu", adata, ("atac", "prot"))
    with pytest.raises(InvalidFile, match=r"a.h5mu has 2 modalities: atac, prot. Choose one with --modality."):
        opened(path)
    with pytest.raises(InvalidFile, match=r"has no modality 'rna'. It has: atac, prot."):
        opened(path, modality="rna")


def test_a_packed_h5mu(adata, counts, opened, tmp_path):
    plain = write_mudata(tmp_path / "a.h5mu", adata)
    (tmp_path / "a.h5mu.gz").write_bytes(gzip.compress(plain.read_bytes()))
    same(opened(tmp_path / "a.h5mu.gz", modality="rna"), counts)


def test_a_modality_of_a_file_without(adata, opened, tmp_path):
    adata.write_h5ad(tmp_path / "a.h5ad")
    with pytest.raises(InvalidInput, match="has no modalities"):
        opened(tmp_path / "a.h5ad", modality="rna")


@pytest.mark.parametrize(
    ("name", "content", "command"),
    [
        ("a.loom", b"anything", "scanpy.read_loom('a.loom')"),
        ("a.h5Seurat", b"anything", 'SeuratDisk::Convert("a.h5Seurat", dest = "h5ad")'),
        ("a.rds", gzip.compress(b"X\n\x00\x00"), 'readRDS("a.rds")'),
        ("a.rds.gz", gzip.compress(b"X\n\x00\x00"), "readRDS("),
        ("a.RData", b"RDX3\n", 'load("a.RData")'),
        ("unnamed.h5ad", gzip.compress(b"X\n\x00\x00"), "readRDS("),
        ("a.tar.gz", gzip.compress(b"anything"), "tar -xf a.tar.gz"),
        ("a b';rm.loom", b"anything", "scanpy.read_loom('FILE.loom')"),
    ],
)
def test_what_is_not_read_is_named_with_the_command_that_converts_it(opened, tmp_path, name, content, command):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidFile, match="is not read here") as caught:
        opened(tmp_path / name)
    assert command in caught.value.remedy


def test_loom_and_h5seurat_by_their_content(opened, tmp_path):
    for name, parts in (("loom", ("row_attrs", "col_attrs", "matrix")), ("h5Seurat", ("assays", "cell.names"))):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            for part in parts:
                file.create_group(part)
        with pytest.raises(InvalidFile, match=f"an? {name} file, which is not read"):
            opened(tmp_path / f"{name}.h5")


def test_broken_packed_files(adata, opened, tmp_path):
    adata.write_h5ad(tmp_path / "a.h5ad")
    whole = gzip.compress((tmp_path / "a.h5ad").read_bytes())
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    for content in (whole[: len(whole) // 2], bytes(damaged)):
        (tmp_path / "a.h5ad.gz").write_bytes(content)
        with pytest.raises(InvalidFile, match="cannot be unpacked"):
            opened(tmp_path / "a.h5ad.gz")
    (tmp_path / "a.h5ad.gz").write_bytes(gzip.compress(b"some text"))
    with pytest.raises(InvalidFile, match="holds no HDF5 file"):
        opened(tmp_path / "a.h5ad.gz")


def test_a_packed_file_that_unpacks_beyond_all_proportion(adata, opened, tmp_path, monkeypatch):
    monkeypatch.setattr("core.ingest.formats.gunzip.ALWAYS", 1_000)
    monkeypatch.setattr("core.ingest.formats.gunzip.MAX_FACTOR", 2)
    adata.write_h5ad(tmp_path / "a.h5ad")
    (tmp_path / "a.h5ad.gz").write_bytes(gzip.compress((tmp_path / "a.h5ad").read_bytes()))
    with pytest.raises(InvalidFile, match="more than 2 times its size"):
        opened(tmp_path / "a.h5ad.gz")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a.b.h5ad", "a.b"), ("a.h5ad.gz", "a"), ("a.H5MU", "a"), ("GSM1_matrix.mtx.gz", "GSM1_matrix"),
        ("a.zarr", "a"), ("a.txt", "a"), (".gz", ".gz"), ("raw.h5", "raw"),
    ],
)  # fmt: skip
def test_the_name_of_an_atlas_is_that_of_the_file_without_its_format(tmp_path, name, stem):
    assert stem_of(tmp_path / name) == stem


def test_h5mu_whose_tables_do_not_fit(adata, counts, opened, tmp_path):
    shared = {"obs": pd.DataFrame({"donor": ["d"] * N_CELLS}, CELLS), "wnn": np.ones((N_CELLS, 2))}
    path = write_mudata(tmp_path / "a.h5mu", adata, **shared)
    with h5py.File(path, "r+") as file:
        file["obsmap/rna"][0] = N_CELLS + 1
    atlas = opened(path)
    same(atlas, counts)
    assert any("does not fit the modality" in note for note in atlas.manifest.notes)
