"""The pure functions of the first page and of the frame."""

from types import SimpleNamespace

import pytest
from dash import Patch, dcc, no_update
from dash.development.base_component import Component

from callbacks.errors import UNEXPECTED, notice
from callbacks.home import (
    REFUSED,
    Shown,
    Snapshot,
    count,
    failed_card,
    fingerprint,
    first_run,
    import_card,
    no_match,
    percent,
    progress,
    size,
    species_options,
    summary,
)
from callbacks.shell import footer, missing, stacked, switcher, viewed
from core.errors import UnknownGene
from core.imports import ImportState
from core.query import ExploreQuery
from pages import _shell
from pages._controls import prose
from pages._ids import Shell


def atlas(name="liver", *, species="human", groups=(), **changed):
    facts = {"title": "Liver", "citation": "He 2020", "n_cells": 1234, "simulated": False} | changed
    manifest = SimpleNamespace(
        id=f"{species}/{name}", name=name, species=species, source=SimpleNamespace(file="x.h5ad"), **facts
    )
    return Shown(manifest, groups)


def state(phase="importing", **changed):
    return ImportState(id="human/new", phase=phase, **changed)


def text(node):
    if isinstance(node, Component):
        return text(getattr(node, "children", None))
    return " ".join(map(text, node)) if isinstance(node, (list, tuple)) else "" if node is None else str(node)


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
    assert progress(state(fraction=0.4)) == "Importing 40 %"
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
