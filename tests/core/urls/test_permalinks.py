"""The codec of permalinks: what is written is read back, and what cannot be read is said in a sentence."""

import string
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidQuery
from core.selection.model import Selection
from core.urls.figure_specs import FIGURES, FIRST
from core.urls.page_queries import MAX_URL, CorrelationQuery, ExploreQuery, MarkersQuery, SpeciesQuery
from core.urls.permalinks import DIGITS, changed, digests_of, permalink, read, unknown_version

HASH = "4520f9e2a4ea3304d565e988255f39af"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_every_view_has_a_name_and_a_page():
    assert {spec.path for spec in FIGURES.values()} == set(FIRST)
    assert all(path == FIGURES[figure].path for path, figure in FIRST.items())


@pytest.mark.parametrize("figure", FIGURES)
@given(atlas=TEXT, gene=TEXT, category=TEXT)
def test_what_is_written_is_read_back(figure, atlas, gene, category):
    kind = FIGURES[figure].query
    query = kind(atlas=atlas, gene=gene, selection=Selection.of({"Cell type": [category]}))
    link = permalink(figure, query, HASH)
    for address in (
        link,
        f"https://atlas.example.org{link}",
        f"http://localhost:8050/below{link}#top",
        link[1:].partition("?")[2],
    ):
        found = read(address)
        assert found.figure == figure
        assert kind.parse(found.search) == query


def test_a_permalink_says_its_version_its_figure_and_the_content():
    link = permalink("violin", ExploreQuery(atlas="human/liver", gene="ALB"), HASH)
    parts = urlsplit(link)
    assert parts.path == "/explore"
    assert link.startswith("/explore?v=1&figure=violin&atlas=human%2Fliver&gene=ALB")
    assert parse_qs(parts.query)["hash"] == [HASH[:DIGITS]]


def test_a_search_keeps_what_only_the_browser_knows():
    link = permalink("embedding", "?atlas=human%2Fliver&zoom=1_2_3_4&hash=older&v=1&figure=dotplot", HASH)
    assert link == f"/explore?v=1&figure=embedding&atlas=human%2Fliver&zoom=1_2_3_4&hash={HASH[:DIGITS]}"


@pytest.mark.parametrize(
    ("text", "figure"),
    [("/explore", "embedding"), ("/correlation?gene=ALB", "ranking"), ("/markers?by=Group", "markers"),
     ("?gene=ALB", "embedding"), ("gene=ALB", "embedding"), ("", "embedding"), ("/explore/?figure=violin", "violin")],
)  # fmt: skip
def test_addresses_of_today_are_read_as_they_are(text, figure):
    assert read(text).figure == figure


def test_a_link_has_the_contents_of_the_atlases_beside_and_old_ones_only_the_first():
    query = SpeciesQuery(atlas="human/liver", others="mouse/liver,fish/liver")
    link = permalink("species_dots", query, HASH, beside=["b" * 20, "c" * 20])
    assert digests_of(urlsplit(link).query) == [HASH[:DIGITS], "b" * DIGITS, "c" * DIGITS]
    # One that the figure does not show has an empty place, and none at the end.
    for beside, expected in ((["", "c" * 20], ["", "c" * DIGITS]), (["b" * 20, ""], ["b" * DIGITS]), ([], [])):
        found = digests_of(urlsplit(permalink("concordance", query, HASH, beside=beside)).query)
        assert found == [HASH[:DIGITS], *expected]
    assert digests_of("?atlas=a") == [""]
    # A program that knows one hash reads the first.
    assert changed(f"{HASH[:DIGITS]}.{'b' * DIGITS}", SimpleNamespace(id="a", content_hash=HASH)) == ""


def test_another_figure_may_be_asked_for():
    assert read("/explore?v=1&figure=violin&gene=ALB", "dotplot") == read("/explore?figure=dotplot&gene=ALB")


def test_the_hash_stays_with_the_query():
    assert read("/explore?v=1&figure=violin&atlas=a&hash=abc").search == "?atlas=a&hash=abc"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/explore?v=2&figure=violin", "has version '2'"),
        ("/explore?v=<script>", "has version '<script>'"),
        ("/explore?figure=../../etc/passwd", "no figure '../../etc/passwd'"),
        ("/explore?figure=ranking", "is on /correlation, not on /explore"),
        ("/../../etc/passwd?figure=violin", "not a page with figures"),
        ("/api/v1/datasets", "not a page with figures"),
        ("javascript://x/%0aalert(1)", "is not a link"),
        ("file:///etc/passwd", "is not a link"),
        ("file:///etc/passwd?figure=violin", "not a page with figures"),
        ("violin", "is not a link"),
        ("http://[", "is not a link"),
        ("/explore?genes=" + "ALB%2C" * 10_000, "characters long"),
    ],
)
def test_what_cannot_be_read_is_said(text, said):
    with pytest.raises(InvalidQuery) as caught:
        read(text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 600


@given(st.text(string.printable, max_size=200))
def test_any_text_is_a_link_or_a_sentence(text):
    try:
        found = read(text)
    except InvalidQuery as error:
        assert error.message.endswith(".")  # noqa: PT017 - either is right
    else:
        assert found.figure in FIGURES


def test_no_such_figure_can_be_written():
    with pytest.raises(InvalidQuery, match="no figure 'pie'"):
        permalink("pie", MarkersQuery(), HASH)


def test_changed_content_is_told():
    manifest = SimpleNamespace(id="human/liver", content_hash=HASH)
    assert changed("", manifest) == changed(HASH[:DIGITS], manifest) == changed(HASH, manifest) == ""
    assert (
        changed("0" * DIGITS, manifest) == "human/liver has changed since the link was created: the figure may differ."
    )


def test_versions():
    assert unknown_version("") == unknown_version("1") == ""
    assert "reads version 1" in unknown_version("9" * 500)
    assert len(unknown_version("9" * 500)) < 100


def test_links_of_any_length_are_refused_before_they_are_parsed():
    assert read("?genes=" + "A" * (MAX_URL - 20)).figure == "embedding"
    with pytest.raises(InvalidQuery, match="the limit"):
        read("?" + "&" * MAX_URL)


def test_pages_pass_over_what_is_a_permalink_s_own():
    link = permalink("scatter", CorrelationQuery(atlas="a", gene="B"), HASH)
    assert CorrelationQuery.parse(urlsplit(link).query) == CorrelationQuery(atlas="a", gene="B")
