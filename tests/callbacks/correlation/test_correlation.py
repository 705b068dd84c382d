"""The pure functions of the page Correlation: addresses, words, and what each card says when it cannot be drawn."""

from types import SimpleNamespace

import numpy as np
import pytest

from callbacks.correlation import matrix, pair, strata
from callbacks.correlation.hydrate import collect
from callbacks.shared.refusals import figure_or_fault, shown_or_refusal
from callbacks.shared.titles import in_italics
from callbacks.shell import switcher, viewed
from core.analysis.correlation import strongest
from core.analysis.differential_correlation import Difference
from core.analysis.gene_pair import CoDetection
from core.atlas.gene_index import GeneIndex
from core.errors import InvalidQuery
from core.figures.theme import LIGHT
from core.genes.lists import look_up
from core.genes.lists import words as listed
from core.selection.model import Selection
from core.urls.page_queries import MAX_LIST, CorrelationQuery, ExploreQuery
from core.views import formatting
from core.views.correlation.state import CorrelationView, canonical, tab_by_default
from tests.layouts import text

NAN = float("nan")
HYDRATED = {"atlas": "human/liver", "kept": {"selection": "", "a": "", "b": ""}}
CELLS = {
    "filters": [["=MASH"]],
    "columns": [{"type": "filter", "column": "group"}],
    "bounds": [[1, 9]],
    "places": [{"type": "bounds", "of": "column", "name": "n", "given": "n:1:"}],
    "lows": [0],
    "highs": [9],
}


def view(*, roles=None, categories=("a", "b"), **query):
    atlas = SimpleNamespace(
        id="human/liver",
        genes=GeneIndex(["ALB", "CYP2E1", "CD68"], ["1", "2", "3"]),
        manifest=SimpleNamespace(roles=roles or {}),
        categorical=lambda name: SimpleNamespace(categories=categories),
    )
    return CorrelationView(
        atlas, CorrelationQuery(atlas="human/liver", gene="ALB", **{"method": "spearman", "top_n": "20", **query})
    )


@pytest.mark.parametrize(
    "query",
    [
        CorrelationQuery(),
        CorrelationQuery(atlas="human/liver", gene="ALB", gene_b="H2-K1", method="pearson", drop_zeros="true"),
        CorrelationQuery(genes="ALB CYP2E1 a&b", top_n="5", one="MASL & co", two="<b>", by="a=b", depth="false"),
        CorrelationQuery(gene="A", selection=Selection.parse(["g=x", "g=y", "h="], ["n:1:2"])),
    ],
)
def test_an_address_is_the_whole_query(query):
    assert CorrelationQuery.parse(query.search()) == query


def test_a_long_list_fits_an_address_but_not_any_list():
    genes = " ".join(f"ENSG{at:011d}" for at in range(300))
    assert CorrelationQuery.parse(CorrelationQuery(genes=genes).search()).genes == genes
    with pytest.raises(InvalidQuery, match=f"'genes' is {MAX_LIST + 1:,} characters long"):
        CorrelationQuery.parse("?genes=" + "x" * (MAX_LIST + 1))


def test_the_canonical_query_leaves_out_what_is_so_anyway():
    query = CorrelationQuery(gene="A", layer="expression", depth="true", top_n="20", drop_zeros="false")
    assert canonical(query).search() == "?gene=A"


@pytest.mark.parametrize(
    ("query", "tab"),
    [({}, "ranking"), ({"gene_b": "B"}, "pair"), ({"gene_b": "B", "genes": "A, B"}, "matrix")],
)
def test_an_address_without_a_tab_opens_what_it_is_about(query, tab):
    asked = CorrelationQuery(gene="A", **query)
    assert tab_by_default(asked) == tab
    assert "tab=" not in canonical(asked.but(tab=tab)).search()
    assert "tab=donors" in canonical(asked.but(tab="donors")).search()


def test_only_a_pair_is_cautioned():
    partner = {"gene_b": "B", "top": [], "fault": ""}
    said = strata.caution(None, view(tab="ranking"), partner, LIGHT)
    assert said == {"simpson": None, "replicates": formatting.NOT_REPLICATES}


def test_the_controls_become_an_address():
    choices = {"gene": "ALB", "gene_b": "ALB", "method": "pearson", "zeros": ["true"], "depth": [], "genes": "A,\nB"}
    found = CorrelationQuery.parse(collect(HYDRATED, choices, CELLS) or "")
    assert found == CorrelationQuery(
        atlas="human/liver",
        gene="ALB",
        method="pearson",
        drop_zeros="true",
        depth="false",
        genes="A, B",
        selection=Selection.parse(["group=MASH"], ["n:1:"]),
    )
    assert collect(None, choices, {}) is None


def test_the_frame_stays_on_the_page():
    seen = viewed("/correlation", "?atlas=human/a&gene=ALB&gene_b=TTR")
    assert seen == CorrelationQuery(atlas="human/a", gene="ALB", gene_b="TTR")
    assert viewed("/correlation", "?range=x") == CorrelationQuery()
    manifest = SimpleNamespace(
        id="human/b", name="b", title="B", species="human", simulated=False, n_cells=3, cells_in_words="3 cells"
    )
    made = str(switcher([manifest], seen))
    assert "/correlation?atlas=human%2Fb&gene=ALB" in made
    assert ExploreQuery(gene="A").address == "/explore?gene=A"


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.0, "p ≈ 0"), (1e-310, "p ≈ 0"), (3e-12, "p = 3.0e-12"), (2e-5, "p = 2.0e-5"), (0.024, "p = 0.024"),
     (1.0, "p = 1.000"), (NAN, "p = –")],
)  # fmt: skip
def test_p_in_words(p, said):
    assert formatting.p_equals(p) == said


def test_numbers_in_words():
    assert formatting.number(-0.12345) == "−0.123"
    assert formatting.number(NAN) == formatting.interval(NAN, 0.1) == "–"
    assert formatting.interval(-0.5, 0.25) == "−0.500 to 0.250"


def test_a_refusal_becomes_the_sentence_of_a_card():
    def refuse():
        raise InvalidQuery("No.", "Try another.")

    assert shown_or_refusal(refuse, lambda why: {"fault": why}) == {"fault": "No. Try another."}
    assert shown_or_refusal(lambda: 1, str) == 1
    with pytest.raises(ZeroDivisionError):
        shown_or_refusal(lambda: 1 // 0, lambda why: 0)
    figure, fault = figure_or_fault(refuse, LIGHT)
    assert (figure["data"], fault) == ([], "No. Try another.")
    assert figure_or_fault(lambda: {"data": [1]}, LIGHT) == ({"data": [1]}, "")


def test_the_genes_of_a_title_are_in_italics():
    title = in_italics("A and B1 within each A", "A", "B1")
    assert [(type(part).__name__, text(part)) for part in title] == [
        ("I", "A"), ("str", " and "), ("I", "B1"), ("str", " within each A")
    ]  # fmt: skip
    assert in_italics("A list of genes") == ["A list of genes"]


def test_without_a_gene_b_every_card_says_why():
    partner = {"gene_b": "", "top": [], "fault": "ALB is constant."}
    assert pair.draw(None, view(), partner, LIGHT)["fault"] == "ALB is constant."
    drawn = strata.draw(None, view(by="sample"), partner, LIGHT)
    assert drawn["forest"]["fault"] == text(drawn["holds"]) == "ALB is constant."
    assert text(strata.compare(None, view(roles={"group": "g"}), partner, LIGHT)["shown"]) == "ALB is constant."
    assert matrix.draw(None, view(), partner, LIGHT)["fault"] == "ALB is constant."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "has no group column"),
        ({"roles": {"group": "g"}, "one": "a", "two": "a"}, "Choose two different groups"),
        ({"roles": {"group": "g"}, "one": "a", "two": "a", "categories": ("a",)}, "only one group"),
    ],
)
def test_groups_that_cannot_be_compared(changed, said):
    assert said in text(strata.compare(None, view(**changed), {"gene_b": "CD68", "top": []}, LIGHT)["shown"])


def test_the_permutation_says_what_it_cannot_reach():
    found = Difference(("a", "b"), (0.5, 0.1), (100, 90), (3, 3), 0, 0.4, 0.1, 20, exact=True, least_p=0.1)
    said = text(strata._compared(found)["shown"])
    assert "Permutation of samples: p = 0.100 (all 20 assignments of samples to groups; smallest" in said
    assert "smallest possible p: 0.100" in said
    assert "first minus second: 0.400. This is the statistic that is permuted." in said


def test_paired_samples_and_an_infinite_difference_in_words():
    found = Difference(("a", "b"), (1.0, 0.1), (100, 90), (4, 4), 4, np.inf, 0.5, 16, exact=True, least_p=0.125)
    said = text(strata._compared(found)["shown"])
    assert "the 4 with cells in both groups stay pairs" in said
    assert "first minus second: infinite" in said


def test_co_detection_in_words():
    def odds(*numbers):
        found = SimpleNamespace(co_detection=CoDetection(*numbers))
        return text(pair._odds(SimpleNamespace(found=found, names=("A", "B"))))

    both = odds(5, 1, 1, 5, 25.0, 1.2, 520.0)
    assert "Odds ratio 25 (95% interval 1.2 to 520): B is detected more often in A-positive cells." in both
    unsure = odds(5, 1, 1, 5, 0.5, 0.1, 2.0)
    assert "detected less often" in unsure
    assert "includes 1" in unsure
    assert "No odds ratio" in odds(5, 0, 5, 0, NAN, NAN, NAN)


def test_a_pasted_list():
    assert listed("ALB, 'CYP2E1';CD68\n\t[ALB] HLA-A|H2.K1") == ["ALB", "CYP2E1", "CD68", "HLA-A", "H2.K1"]
    found = look_up(GeneIndex(["ALB", "CYP2E1"], ["ENSG1", "ENSG2"]), "alb ENSG1 CYP2E2 zzzzzz")
    assert found.genes == ("ALB",)
    assert found.unknown == (("CYP2E2", ("CYP2E1",)), ("zzzzzz", ()))


def test_the_typo_of_a_list_can_be_put_right():
    made = view(genes="ALB CYP2E2 CD68")
    link = next(it for it in matrix._unknown(made)._traverse() if getattr(it, "href", None))
    assert CorrelationQuery.parse(link.href.partition("?")[2]).genes == "ALB CYP2E1 CD68"


def test_one_known_gene_is_no_matrix():
    made = matrix.draw(None, view(genes="ALB nope"), {"gene_b": "", "top": [], "fault": ""}, LIGHT)
    assert "Only one of the list is a gene" in made["fault"]


def test_the_strongest_rest_on_enough_cells():
    import pyarrow as pa

    why = [
        "",
        "",
        "no p: fewer than 3 cells; ranked last: fewer than 30 cells behind r",
        "no r: constant in these cells",
    ]
    table = pa.table({"gene": ["A", "B", "few", "none"], "r": [-0.9, 0.5, 1.0, np.nan], "why": why})
    assert strongest(table, 5) == ["A", "B"]
    assert strongest(table.slice(2, 2), 5) == ["few"]
