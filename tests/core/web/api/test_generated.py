"""Generated API calls, with values that are right, nearly right and absurd: none may end with a 5xx other than 503."""

import json
import random
import re
from collections import Counter
from urllib.parse import urlencode

import pytest

from core.urls.figure_specs import FIGURES
from core.web.api.operations import OPERATIONS
from core.web.api.parameters import SELECTION

ODD = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1",
        "99999999999999999999",
        "1e400",
        "NaN",
        "inf",
        "-0",
        "null",
        "true",
        "[]",
        "{}",
        "\0",
        "%00",
    ),
    *(
        "é",
        "\U0010ffff",
        "\u202e",
        "'",
        '"',
        "<b>",
        "../..",
        "a=b",
        "a:b",
        ":",
        "::",
        ",",
        ",,,",
        "@",
        "@gene",
        "A" * 300,
        "0,0",
    ),
    *(
        "Group=",
        "=MASH",
        "Group=MASH,None",
        "score:0:1",
        "score::",
        "ALB:0:",
        "ALB:x:y",
        "X_umap:0,0,1,1,2,0",
        "X_umap:",
    ),
)
GENES = ("ALB", "alb", "GLUL", "APOB", "CYP2E1", "ENSG00000163631", "NOPE")
# Values that a route understands, by parameter; the odd ones are for every parameter.
RIGHT = {
    "gene": GENES, "gene_b": GENES, "genes": ("ALB,GLUL", "ALB APOB", "ALB", "NOPE,ALB"), "q": ("A", "al", "NOPE"),
    "by": ("CellType", "Group", "Sample", "nothing"), "split": ("Group", "Sample"), "sample": ("Sample",),
    "method": ("spearman", "pearson", "ulm", "mean_z"), "layer": ("expression", "counts", "scaled", "none"),
    "format": ("json", "csv", "xlsx"), "top": ("1", "5", "1000"), "limit": ("1", "20"), "drop_zeros": ("true", "false"),
    "where": ("Group=MASH", "CellType=Hepatocyte"), "exclude": ("Group=MASH",), "expr": ("ALB:0:", "GLUL:1:2"),
    "range": ("score:0:1",), "a": ("where=Group%3DMASH",), "b": ("exclude=Group%3DMASH",), "cell": ("cell30",),
    "category": ("Hepatocyte", "MASH"), "atlas": ("human/liver", "human/none"), "color": ("Group", "@gene", "score"),
    "width": ("85", "180"), "dpi": ("72", "300"), "theme": ("journal",), "v": ("1", "2"), "panel": ("1", "2", "3"),
    "embedding": ("X_umap", "X_pca"), "axes": ("0,1", "1,0"), "lasso": ("X_umap:0,1:-9,-9,9,-9,0,9",),
    "paired": ("Sample", "Group"), "pooled": ("true",), "covariate": ("Sample", "score"), "min_cells": ("1", "10"),
    "cell_type": ("Hepatocyte",), "types": ("CellType", "Sample"), "reference": ("Hepatocyte",), "fdr": ("0.05",),
    "figure": ("/explore?atlas=human/liver&gene=ALB",),
}  # fmt: skip


def value(chance, name):
    known = RIGHT.get(name, ())
    return chance.choice(known) if known and chance.random() < 0.6 else chance.choice(ODD)


def path(chance, rule):
    places = {
        "species": ("human", "human", "human", "mouse", "x"), "name": ("liver", "liver", "liver", "none", "%00"),
        "index": ("0", "59", "60", "-1", "x", "9" * 40), "gene": GENES, "view": tuple(FIGURES),
        "file": tuple(f"{view}.{form}" for view in FIGURES for form in ("csv", "json", "json", "gif")),
    }  # fmt: skip
    return re.sub(r"<(?:path:)?(\w+)>", lambda found: chance.choice(places[found[1]]), rule)


def call(chance):
    """Make the URL of one call: any route, most of what it needs, some of what it takes, and now and then more."""
    operation = chance.choice(OPERATIONS)
    address = path(chance, operation.rule)
    names = list(operation.parameters)
    if operation.page:
        view = re.split(r"[./]", address.removeprefix("/api/v1/figures/"))[0]
        names += [*FIGURES[view].query.NAMES, *SELECTION] if view in FIGURES else []
    given = [name for name in operation.needs if chance.random() < 0.95]
    given += chance.choices(names, k=chance.randrange(5)) if names else []
    if operation.page and chance.random() < 0.9:
        given += ["atlas", *(name for name in ("gene", "genes", "gene_b") if name in names and chance.random() < 0.7)]
    if chance.random() < 0.05:
        given.append(chance.choice(("nothing", "gene", "atlas", "")))
    pairs = [(name, value(chance, name)) for name in given]
    if operation.rule.endswith("figures.zip"):
        # A link that can be drawn would start the browser.
        pairs = [(name, chance.choice(ODD)) for name, _ in pairs]
    return f"{address}?{urlencode(pairs)}"


def check(client, n, seed):
    """Make so many calls; count the statuses."""
    chance, found = random.Random(seed), Counter()
    for _ in range(n):
        url = call(chance)
        with client.get(url) as answer:
            found[answer.status_code] += 1
            assert answer.status_code < 500 or answer.status_code == 503, url
            if answer.status_code >= 400:
                assert answer.mimetype == "application/problem+json", url
                assert json.loads(answer.data)["detail"], url
    return found


@pytest.mark.slow(representative=True)
def test_a_thousand_generated_calls(client):
    found = check(client, 1_000, seed=13)
    assert found[200] > 150, found
    assert found[400] + found[404] > 300, found


@pytest.mark.slow
def test_ten_thousand_generated_calls(client):
    found = check(client, 9_000, seed=14)
    assert found[200] > 1_500, found
