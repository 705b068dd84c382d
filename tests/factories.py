"""Atlases for tests: files made from a seed, and stores that are imported once and then copied."""

import atexit
import hashlib
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from core.atlas.paths import AtlasId, Places
from core.ingest.importer import ImportRequest, import_file
from core.urls.figure_specs import FIGURES

GENES = ("ALB", "CYP2E1", "APOA1", "LYVE1", "alb", "HLA-DRA", "MT-CO1", "GLUL", 'odd "gene", name', "ΔNp63/p40")
# Names that a careless CSV, JSON or header breaks.
CELLS = (
    *("AAAC-1", "comma,cell", 'quote"cell', "line\nfeed", "carriage\rreturn", "both\r\nof them", "tab\tcell"),
    *("=1+1", "@SUM(A1)", "-2+3", "+4", " spaces ", "<script>alert(1)</script>", "Zelle-ß-肝"),
    *("NaN", "'", '"', ",", "1e5", "007"),
)
N_CELLS = 60
# The figures of any atlas. That of the zonation needs a column of its own (tests/core/views/explore/test_zonation.py),
# those of the differences need donors (`cohort`, tests/core/views/differences), and those of species have no selection
# (tests/core/views/species), three of them a second atlas.
OF_TWO = ("type_auroc", "concordance", "conserved_correlates")
DRAWN = tuple(
    name for name, spec in FIGURES.items() if name != "zonation" and spec.path not in ("/differences", "/species")
)
# The data directories of what was imported, by all that an import depends on.
_TEMPLATES: dict[tuple[str, ...], tuple[str, Path]] = {}


def tiny(path, *, cells=None, n_cells=N_CELLS, genes=GENES, seed=0, **more):
    """Write an .h5ad of integer counts with a map, and whatever else AnnData takes."""
    import anndata

    rng = np.random.default_rng(seed)
    names = list(cells or [f"cell{at}" for at in range(n_cells)])
    counts = sparse.random(len(names), len(genes), density=0.5, random_state=seed, format="csr", dtype=np.float32)
    counts.data = np.ceil(counts.data * 50).astype(np.float32)
    cell_types = rng.choice(["Hepatocyte", "Kupffer cell", "<b>LSEC</b>"], len(names)).astype(object)
    cell_types[0] = None
    obs = pd.DataFrame(
        {
            "CellType": pd.Categorical(cell_types),
            "Group": pd.Categorical(np.resize(["Healthy", "MASH"], len(names))),
            "Sample": pd.Categorical(np.resize(["d1", "d2", "d3"], len(names))),
            "score": np.where(np.arange(len(names)) == 1, np.nan, rng.normal(size=len(names))),
        },
        index=pd.Index(names, dtype=object),
    )
    var = pd.DataFrame(
        {"gene_ids": [f"ENSG{at:011d}" for at in range(len(genes))]}, index=pd.Index(genes, dtype=object)
    )
    umap = rng.normal(size=(len(names), 2)).astype(np.float32)
    umap[2] = np.nan
    made = anndata.AnnData(counts, obs=obs, var=var, obsm={"X_umap": umap}, **more)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.write_h5ad(path)
    return path


def imported(data, path, **options):
    """Import a file into a data directory; return the id.

    A file of the same name and bytes that was imported with the same options is copied, which takes a tenth of the
    time. What the importer itself does is tested in ``tests/core/ingest``, where nothing is copied.
    """
    path = Path(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    key = (digest, path.name, repr(sorted(options.items())))
    if key not in _TEMPLATES:
        place = Path(tempfile.mkdtemp(prefix="template-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)
        _TEMPLATES[key] = (str(import_file(ImportRequest(path=path, **options), place, lambda *_: None)), place)
    atlas, place = _TEMPLATES[key]
    at = AtlasId.parse(atlas)
    if Places(data).store(at).exists():
        # To replace an atlas, or to be refused, is the importer's own affair.
        return str(import_file(ImportRequest(path=path, **options), Path(data), lambda *_: None))
    Places(data).imports.mkdir(parents=True, exist_ok=True)
    shutil.copytree(Places(place).store(at), Places(data).store(at))
    return atlas


# Genes that `cohort` makes higher or lower in MASH, in the first of its cell types only.
UP, DOWN = ("up0", "up1", "up2", "up3"), ("down0", "down1")


def cohort(*, n_donors=4, n_cells=12, n_genes=60, types=("Hepatocyte", "Kupffer cell"), seed=0):
    """Make an AnnData of raw counts of donors, half of them with MASH, with planted differences in the first type.

    Columns besides: Sex and Age (constant in a donor), Batch (the same as the group), Phase (varies in a donor), Pair
    (a donor of either group each).
    """
    import anndata

    rng = np.random.default_rng(seed)
    names = [*UP, *DOWN, *(f"gene{at:02}" for at in range(n_genes - len(UP) - len(DOWN))), "rare", "none"]
    means = rng.gamma(2.0, 1.5, len(names)) + 0.5
    means[-2:] = 0.01, 0
    rows, obs = [], []
    for donor in range(2 * n_donors):
        group = "MASH" if donor % 2 else "Healthy"
        level = means * rng.gamma(30, 1 / 30, len(names))
        for kind in types:
            change = np.ones(len(names))
            if kind == types[0] and group == "MASH":
                change[: len(UP)], change[len(UP) : len(UP) + len(DOWN)] = 4.0, 0.25
            rows.append(rng.poisson(level * change, (n_cells, len(names))))
            obs += [(kind, group, f"d{donor}", "FM"[donor // 2 % 2], 40.0 + 3 * donor + donor**2 % 5)] * n_cells
    frame = pd.DataFrame(obs, columns=["CellType", "Group", "Donor", "Sex", "Age"])
    frame["Batch"] = frame["Group"].map({"MASH": "b2", "Healthy": "b1"})
    frame["Pair"] = [f"p{int(donor[1:]) // 2}" for donor in frame["Donor"]]
    frame["Phase"] = np.resize(["G1", "S"], len(frame))
    for name in frame.columns.drop("Age"):
        frame[name] = pd.Categorical(frame[name])
    frame.index = [f"cell{at}" for at in range(len(frame))]
    made = anndata.AnnData(sparse.csr_matrix(np.vstack(rows).astype(np.float32)), frame, pd.DataFrame(index=names))
    made.obsm["X_umap"] = rng.normal(size=(len(frame), 2)).astype(np.float32)
    return made
