"""Vocabulary of the liver field: names of columns and stages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.atlas.manifest import Role

# In order of preference; compared without case, blanks and punctuation. A trailing * matches any ending.
ROLE_NAMES: dict[Role, tuple[str, ...]] = {
    "cell_type": (
        "celltype", "celltypes", "celltype1", "celltypefinal", "annotation", "annotations", "cellontologyclass",
        "authorcelltype", "celltypename", "celltype*",
        # Azimuth and label transfer of Seurat, CellTypist.
        "predictedcelltypel2", "predictedannotationl2", "predictedcelltype*", "predictedann*", "predictedsubclass",
        "predictedclass", "predictedcluster", "predictedid", "predictedlabels", "majorityvoting",
        "bulklabels", "clusterid", "cluster", "clusters", "leiden", "louvain", "seuratclusters", "ident",
    ),
    "group": (
        "group", "groupid", "condition", "disease", "diseasestage", "diseasestatus", "stage", "status", "diagnosis",
        "treatment", "stim", "genotype", "diet", "fibrosisstage", "phenotype", "disease*",
    ),
    "sample": (
        "sample", "sampleid", "donor", "donorid", "replicate", "patient", "patientid", "individual", "individualid",
        "subject", "subjectid", "origident", "biosampleid", "mouseid", "fishid", "animal", "animalid", "ind", "library",
    ),
}  # fmt: skip

SYMBOL_COLUMNS = (
    "feature_name", "gene_symbols", "gene_symbol", "gene_name", "gene_names", "symbol", "symbols", "hgnc_symbol",
    "mgi_symbol", "gene_short_name", "features", "feature", "feature_names", "gene", "name",
)  # fmt: skip
ID_COLUMNS = ("gene_ids", "gene_id", "ensembl_id", "ensembl_ids", "ensembl", "ensembl_gene_id", "feature_id", "id")

ENSEMBL = re.compile(r"ENS[A-Z]{0,4}G\d{6,}(\.\d+)?", re.IGNORECASE)

# Each stage with the words that mean it; a group column whose every category is known is shown in this order.
DISEASE_STAGES: tuple[tuple[str, ...], ...] = (
    ("healthy", "control", "ctrl", "ctl", "normal", "chow", "wt", "wildtype", "uninjured", "untreated", "nodisease",
     "noninfected", "lean", "f0", "stage0"),
    ("obese", "steatosisrisk", "f1", "stage1"),
    ("masl", "nafl", "nafld", "masld", "steatosis", "simplesteatosis", "steatotic", "f2", "stage2"),
    ("mash", "nash", "steatohepatitis", "f3", "stage3"),
    ("fibrosis", "fibrotic", "advancedfibrosis"),
    ("cirrhosis", "cirrhotic", "f4", "stage4"),
    ("hcc", "hepatocellularcarcinoma", "tumor", "tumour"),
)  # fmt: skip
# Further words of untreated samples, which are no stages of disease.
_UNTREATED = ("controls", "vehicle", "mock", "sham", "pbs", "placebo", "unstimulated", "unstim", "baseline", "naive")
_REFERENCE = frozenset({*DISEASE_STAGES[0], *_UNTREATED}) - {"lean", "f0", "stage0"}
_STAGE_OF = {word: rank for rank, words in enumerate(DISEASE_STAGES) for word in words}


def plain(text: str) -> str:
    """Lower case without blanks or punctuation: how names are compared."""
    return re.sub(r"[\W_]+", "", text.casefold())


def find_role(role: Role, columns: Sequence[str]) -> str | None:
    """Find the column that most likely plays a role, by its name; None when no name is known.

    Of several columns with one meaning, the one named first in `ROLE_NAMES` wins, then the first in the file.
    """
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(plain(column), column)
    for known in ROLE_NAMES[role]:
        if known.endswith("*"):
            for name, column in by_name.items():
                if name.startswith(known[:-1]) and not name.endswith(("id", "ontologylabel")):
                    return column
        elif known in by_name:
            return by_name[known]
    return None


def is_reference(level: str) -> bool:
    """Tell by its name whether a level is what others are compared with: ``Healthy donor``, ``ctrl``, ``wild type``."""
    return plain(level) in _REFERENCE or any(word in _REFERENCE for word in re.split(r"[\W_]+", level.casefold()))


def stage_order(categories: Sequence[str]) -> list[str] | None:
    """Put the categories in order of disease; None unless every one of them is a known stage."""
    ranks = {category: _STAGE_OF.get(plain(category)) for category in categories}
    if len(categories) < 2 or any(rank is None for rank in ranks.values()):  # noqa: PLR2004 - one needs no order
        return None
    return sorted(categories, key=lambda category: (ranks[category], category))
