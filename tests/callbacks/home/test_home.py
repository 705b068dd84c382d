"""The pure functions of the first page and of the frame."""

from functools import partial
from types import SimpleNamespace

import anndata
import pytest
from dash import Patch, dcc, html, no_update
from dash.development.base_component import Component

from callbacks.errors import UNEXPECTED, notice
from callbacks.home import where
from callbacks.home.cards import REFUSED, atlas_card, failed_card, faults_card, first_run, import_card, no_match, shelf
from callbacks.home.snapshot import Shown, Snapshot, fingerprint, species_options
from callbacks.home.words import count, percent, progress, size, summary
from callbacks.shell import carried, footer, missing, stacked, switcher, viewed
from core.atlas.catalog import Catalog
from core.atlas.import_state import ImportState
from core.errors import BrokenStore, UnknownGene
from core.genes.orthologs import built_in
from core.ingest.remote.zenodo import PUBLISHED
from core.ingest.subset import Subset
from core.services.container import Services
from core.settings.settings import load
from core.urls.page_queries import CorrelationQuery, ExploreQuery
from core.views.resolve import gene_of
from pages import _shell
from pages._controls import prose
from pages._ids import Shell
from tests import layouts
from tests.factories import imported, tiny

text = partial(layouts.text, between=" ")


def atlas(name="liver", *, species="human", groups=(), **changed):
    facts = {"title": "Liver", "citation": "He 2020", "n_cells": 1234, "simulated": False} | changed
    manifest = SimpleNamespace(
        id=f"{species}/{name}", name=name, species=species, source=SimpleNamespace(file="x.h5ad"), roles={}, **facts
    )
    manifest.cells_in_words = changed.get("cells_in_words", f"{manifest.n_cells:,} cells")
    return Shown(manifest, groups)


def state(phase="importing", **changed):
    return ImportState(id="human/new", phase=phase, **changed)


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1.0 kB"), (12_400_000, "12.4 MB"), (250_000_000, "250 MB"),
     (1_940_000_000, "1.9 GB"), (3_000_000_000_000, "3.0 TB")],
)  # fmt: skip
def test_size(n_bytes, words):
    assert size(n_bytes) == words


@pytest.mark.parametrize(
    ("n", "thing", "words"),
    [
        (1, "atlas", "1 atlas"),
        (2, "atlas", "2 atlases"),
        (100_000, "cell", "100,000 cells"),
        (0, "cell type", "0 cell types"),
    ],
)
def test_count(n, thing, words):
    assert count(n, thing) == words


@pytest.mark.parametrize(("fraction", "whole"), [(0, 0), (0.4, 40), (0.999, 99), (1, 100), (1.2, 100), (-1, 0)])
def test_percent(fraction, whole):
    assert percent(state(fraction=fraction)) == whole


def test_progress_in_words():
    assert progress(state(fraction=0.4)) == "Importing 40%"
    assert progress(state("waiting")) == "Waiting"
    assert progress(state("failed")) == "Failed"


@pytest.mark.parametrize(
    ("words", "species", "found"),
    [
        ("", [], True),
        ("LIVER he", [], True),
        ("mash", [], True),
        ("liver mouse", [], False),
        ("", ["human"], True),
        ("liver", ["mouse"], False),
        ("simulated", [], False),
    ],
)
def test_matches(words, species, found):
    assert atlas(groups=("Healthy", "MASH")).matches(words, species) is found


def test_summary():
    assert summary(Snapshot(), 0) == ""
    one = Snapshot((atlas(),))
    assert summary(one, 1) == "1 atlas with 1,234 cells."
    both = Snapshot((atlas(), atlas("b")), (state(), state("failed")))
    assert (
        summary(both, 1)
        == "2 atlases with 2,468 cells. 1 shown. 1 atlas being imported. 1 could not be read: see below."
    )


def test_visitors_are_told_how_many_imports_failed():
    assert text(faults_card(1, 0)).startswith("1 import failed.")
    assert text(faults_card(2, 1)).startswith("2 imports failed and 1 atlas cannot be read.")


def test_a_failed_import_says_why_and_hides_the_path():
    card = text(failed_card(state("failed", error="It is no HDF5 file.", file="/secret/disk/a.h5ad")))
    assert "It is no HDF5 file." in card
    assert "a.h5ad" in card
    assert REFUSED.replace("`", " ").split() == card.split()[-len(REFUSED.split()) :]
    assert "secret" not in card


def test_an_import_without_a_title_is_called_by_its_id():
    assert "new" in text(import_card(state("waiting")))


def test_backticks_become_code():
    assert [text(it) for it in prose("Run `a b` now.")] == ["Run ", "a b", " now."]
    assert prose("No code.") == ["No code."]


def test_first_run_names_the_place_only_where_it_may(tmp_path):
    assert str(tmp_path) in text(first_run(tmp_path, show_place=True))
    assert str(tmp_path) not in text(first_run(tmp_path, show_place=False))


def test_no_match():
    assert "“x”" in text(no_match(" x "))
    assert "species" in text(no_match(""))


def test_species_options_keep_one_order():
    atlases = [atlas(species="zebrafish"), atlas(), atlas("b")]
    assert [it["label"] for it in species_options(atlases)] == ["Human 2", "Zebrafish 1"]


def test_fingerprints_tell_apart():
    assert fingerprint("a", 1) == fingerprint("a", 1)
    assert fingerprint("a", 1) != fingerprint("a", 2)
    assert fingerprint("\ud800")


# ---- the frame ----


def test_an_error_of_ours_speaks_for_itself():
    assert notice(UnknownGene("There is no ALBB.", "Try ALB.")) == {
        "title": "Not found",
        "detail": "There is no ALBB.",
        "remedy": "Try ALB.",
    }


def test_any_other_error_is_named_by_its_request_only():
    told = notice(ValueError("secret"), "abc123")
    assert told["title"] == UNEXPECTED
    assert "abc123" in told["detail"]
    assert "secret" not in str(told)
    assert "number" not in notice(ValueError("secret"))["detail"]


def test_the_view_of_an_address():
    assert viewed("/explore", "?atlas=human/liver&gene=ALB") == ExploreQuery(atlas="human/liver", gene="ALB")
    assert viewed("/", "?atlas=human/liver") == ExploreQuery()
    assert viewed("/explore", "?range=x") == ExploreQuery()
    assert viewed("/explore", None) == ExploreQuery()


def test_the_switcher():
    assert switcher([], ExploreQuery()) is None
    manifests = [atlas().manifest, atlas("b", simulated=True).manifest]
    made = switcher(manifests, ExploreQuery(atlas="human/b", gene="ALB"))
    _, menu = made.children
    entries = menu.children.children
    addresses = [entry.children.href for entry in entries]
    assert addresses == ["/explore?atlas=human%2Fliver&gene=ALB", "/explore?atlas=human%2Fb&gene=ALB"]
    assert [hasattr(entry, "aria-current") for entry in entries] == [False, True]
    assert "SIMULATED" in text(made.children[0])
    assert "Choose an atlas" in text(switcher(manifests, ExploreQuery()).children[0])


def test_the_switcher_takes_filters_columns_and_tab_along():
    def manifest(name, **roles):
        known = [*roles.values(), "batch"] if name == "here" else list(roles.values())
        return SimpleNamespace(id=f"human/{name}", roles=roles, column=lambda wanted: wanted in known or None)

    here = manifest("here", cell_type="CellType", group="Group")
    there = manifest("there", cell_type="cell_type", group="stage")
    view = ExploreQuery.parse(
        "?atlas=human/here&gene=ALB&tab=dots&split=Group&by=batch&where=CellType%3DKupffer+cell&expr=ALB:0:"
        "&lasso=X_umap:0_0~1_0~1_1"
    )
    assert carried(view, here, there) == ExploreQuery.parse(
        "?atlas=human/there&gene=ALB&tab=dots&split=stage&where=cell_type%3DKupffer+cell&expr=ALB:0:"
    )


def test_the_page_has_a_title_before_it_has_one_of_its_own():
    page = next(it for it in _shell.layout().children if getattr(it, "id", None) == Shell.MAIN).children
    assert [it.data for it in page.children if isinstance(it, dcc.Store)] == [{"title": "MASLDatlas"}]


def test_the_footer_tells_the_version_only_where_it_may():
    assert any(digit in text(footer(with_version=True)) for digit in "0123456789")
    assert not any(digit in text(footer(with_version=False)) for digit in "0123456789")


def test_toasts_stack_without_repetition():
    first = {"title": "T", "detail": "a", "remedy": ""}
    (made,) = stacked(None, first)
    shown = [made.to_plotly_json()]  # as it comes back from the browser
    assert stacked(shown, first) is no_update
    assert isinstance(stacked(shown, first | {"detail": "b"}), Patch)
    shown[0]["props"]["is_open"] = False
    assert text(stacked(shown, first)).strip() == "a"


@pytest.mark.parametrize(
    ("path", "gone"),
    [("/", False), ("/explore", False), ("/explore/", False), ("/exploreX", True), ("/not-found-404", True),
     ("/gene/human/ALB", False), ("/gene/human", True)],
)  # fmt: skip
def test_missing(path, gone):
    pages = [
        {"module": "pages.home", "path": "/", "path_template": None},
        {"module": "pages.explore", "path": "/explore", "path_template": None},
        {"module": "pages.gene", "path": "/gene/none/none", "path_template": "/gene/<species>/<gene>"},
        {"module": "pages.not_found_404", "path": "/not-found-404", "path_template": None},
    ]
    assert missing(path, pages) is gone


# ---- published atlases, samples ----


def test_the_shelf_holds_what_is_not_here():
    assert shelf((), is_open=True) is None
    made = shelf(PUBLISHED[:2], is_open=False)
    assert made.open is False
    assert "2 published atlases to fetch" in text(made)
    assert "796 MB to download" in text(made)
    assert "masldatlas datasets pull mouse/GSE145086" in text(made)
    copied = [it.to_plotly_json()["props"]["data-copy"] for it in found(made, html.Button)]
    assert copied == [it.command for it in PUBLISHED[:2]]
    here = Shown(SimpleNamespace(id="human/GSE181483"))
    broken = {"mouse/GSE145086": BrokenStore("x")}
    assert Snapshot((here,), (), broken).published == PUBLISHED[2:]


def found(node, kind):
    if isinstance(node, kind):
        return [node]
    children = getattr(node, "children", None) if isinstance(node, Component) else node
    if isinstance(children, Component):
        children = [children]
    return [it for child in children for it in found(child, kind)] if isinstance(children, (list, tuple)) else []


def test_a_sample_says_of_how_many(samples):
    shown = Shown(samples.manifest("human/sample"))
    card = text(atlas_card(shown))
    assert "20 of 60 cells" in card
    assert "This is a sample" in card
    assert "20 of 60 cells" in text(switcher([shown.manifest], ExploreQuery(atlas="human/sample")))


# ---- where a gene is expressed ----


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Return a catalogue: a whole liver, a sample of it, and a mouse without cell types."""
    data = tmp_path_factory.mktemp("home")
    path = tiny(data / "liver.h5ad")
    imported(data / "data", path, species="human", title="Liver")
    imported(data / "data", path, species="human", name="sample", subset=Subset(20))
    mouse = tiny(data / "mouse.h5ad", genes=("Alb", "Lyz1", "Lyz2", "Actb"))
    adata = anndata.read_h5ad(mouse)
    del adata.obs["CellType"]
    adata.write_h5ad(mouse)
    imported(data / "data", mouse, species="mouse", name="mouse", simulated=True)
    return Catalog(data / "data")


@pytest.fixture(scope="module")
def services(samples):
    return Services.of(load(data_dir=samples.places.data, correlation_cache=False))


def test_where_a_gene_is(services, samples):
    said, cards, *rest, across = where.drawn(services, " ALB ")
    assert text(said).startswith("ALB  in 3 of 3 atlases.")
    assert rest == []
    assert across.children.href == "/species?gene=ALB"
    assert len(cards.children) == 3
    shown = text(cards.children[0])
    atlas = samples.get("human/liver")
    values, types = atlas.layer().dense(0), atlas.role("cell_type")
    for code, name in enumerate(types.categories):
        inside = values[types.codes == code]
        assert f"{name}" in shown
        assert where.percent(100 * float((inside > 0).mean())) in shown
        assert f"{inside.mean(dtype=float):.2f}" in shown
    assert "(not given)" in shown
    assert "log1p(CP10k)" in shown
    assert "20 of 60 cells" in text(cards.children[1])
    mouse = cards.children[2]
    assert "SIMULATED" in text(mouse)
    assert "ortholog" in text(mouse)
    assert "All cells" in text(mouse)
    assert [it.href for it in found(mouse, dcc.Link)] == ["/explore?atlas=mouse%2Fmouse&gene=Alb"]


def test_paralogs_have_a_card_each_and_what_is_missing_a_reason(services):
    said, cards, missing, _across = where.drawn(services, "LYZ")
    assert text(said).startswith("LYZ  in 1 of 3 atlases.")
    assert ["one of 2 paralogs" in text(it) for it in cards.children] == [True, True]
    assert "Not in 2 atlases" in text(missing)
    assert '"LYZ" was not found in' in text(missing)
    _, _, missing, _across = where.drawn(services, "CYP2E1")
    assert "Its known ortholog in mouse, Cyp2e1, is not in this atlas." in text(missing)


def test_a_gene_that_is_nowhere(services):
    (made,) = where.drawn(services, "ALBX&y")
    assert '"ALBX&y" was not found in any atlas' in text(made)
    assert next(it.href for it in found(made, dcc.Link)).startswith("/?gene=")
    (made,) = where.drawn(services, "x" * 200)
    assert "1 to 100 characters" in text(made)
    assert where.drawn(services, "  ") == where.drawn(services, None) == []


def test_a_gene_that_no_cell_expresses():
    rows = [{"category": "", "n": 3, "n_expressing": 0, "pct_expressing": 0.0, "mean": 0.0}]
    here = SimpleNamespace(atlas=SimpleNamespace(id="a"))
    assert text(where.sentence("X", [(here, rows)], 0)) == "X  in 1 of 1 atlas.  Not detected in any cell."


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0%"), (0.01, "< 0.1%"), (0.1, "0.1%"), (9.96, "10.0%"), (61.6, "62%"), (99.4, "99.4%"),
     (99.96, "> 99.9%"), (100, "100%"), (float("nan"), "–")],
)  # fmt: skip
def test_percents_are_never_rounded_to_none_or_all(share, words):
    assert where.percent(share) == words


# ---- a gene of another species ----


@pytest.mark.parametrize(
    ("asked", "atlas", "shown", "words", "choices"),
    [
        ("ALB", "mouse/mouse", "Alb", [], []),
        ("LYZ", "mouse/mouse", "Lyz1", ["LYZ has 2 orthologs known here in mouse: Lyz1 is shown."], ["Lyz2"]),
        ("actb1", "mouse/mouse", "Actb", ["actb1 is Actb in mouse: its ortholog is shown."], []),
        ("CYP2E1", "mouse/mouse", None, ["Its known ortholog in mouse, Cyp2e1, is not in this atlas."], None),
        ("Mup3", "human/liver", None, ['"Mup3" was not found in liver'], None),
        ("cyp2ad2", "human/liver", None, ["Its known ortholog in human, CYP2J2, is not in this atlas."], None),
        ("Serpina1b", "human/liver", None, ["Its known ortholog in human, SERPINA1,"], None),
    ],
)
def test_a_gene_goes_along_to_another_species(samples, asked, atlas, shown, words, choices):
    problems = []
    query = CorrelationQuery(atlas=atlas, gene=asked)
    gene = gene_of(samples.get(atlas), query, problems, built_in())
    assert gene == shown or shown is None
    said = [problem.text for problem in problems]
    assert len(said) == len(words)
    assert all(word in it for word, it in zip(words, said, strict=True))
    if choices is not None:
        addresses = [address for problem in problems for _, address in problem.choices]
        assert addresses == [query.but(gene=name).address for name in choices]


def test_a_paralog_that_the_atlas_lacks_is_named(tmp_path):
    catalog = Catalog(tmp_path / "data")
    imported(tmp_path / "data", tiny(tmp_path / "x.h5ad", genes=("apoa1b", "x")), species="zebrafish", name="fish")
    problems = []
    assert gene_of(catalog.get("zebrafish/fish"), ExploreQuery(gene="APOA1"), problems, built_in()) == "apoa1b"
    assert problems[0].text == (
        "APOA1 has 2 orthologs known here in zebrafish: apoa1b is shown. apoa1a is not in this atlas."
    )
    gene_of(catalog.get("zebrafish/fish"), ExploreQuery(gene="ALB"), problems, built_in())
    assert "ALB has no ortholog known here in zebrafish." in problems[1].text
