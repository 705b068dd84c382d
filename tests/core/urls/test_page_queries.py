"""The state of a view and its URL are the same thing."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidQuery
from core.selection.model import MAX_DEPTH, MAX_TEXT, PARAMETERS, Lasso, Range, Selection, Threshold
from core.urls.page_queries import MAX_URL, ExploreQuery

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
COLUMNS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.text(
    "=\\:%&+#?; a", min_size=1, max_size=6
)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)


@st.composite
def ranges(draw):
    column, ends = draw(COLUMNS), [draw(NUMBERS), draw(NUMBERS)]
    if None not in ends:
        ends.sort()
    return Range(column, *ends)


CORNERS = st.tuples(*[st.floats(-1e6, 1e6).map(lambda value: value + 0.0)] * 2)


@st.composite
def thresholds(draw):
    bounds = draw(ranges())
    return Threshold(bounds.column, bounds.low, bounds.high)


@st.composite
def lassos(draw):
    return Lasso(draw(COLUMNS), tuple(draw(st.lists(CORNERS, min_size=3, max_size=6))))


@st.composite
def selections(draw, depth=2):
    where = draw(st.dictionaries(COLUMNS, st.lists(TEXTS, max_size=3), max_size=3))
    return Selection.of(
        where,
        draw(st.lists(ranges(), max_size=2)),
        draw(st.lists(thresholds(), max_size=2)),
        draw(st.lists(lassos(), max_size=2)),
        [as_floats(draw(selections(depth - 1)))] if depth and draw(st.booleans()) else [],
    )


def as_floats(selection):
    """The selection with the numbers that a text can give back."""

    def bounded(each):
        return replace(
            each, **{end: None if (it := getattr(each, end)) is None else float(it) for end in ("low", "high")}
        )

    return Selection.of(
        dict(selection.where),
        map(bounded, selection.ranges),
        map(bounded, selection.thresholds),
        selection.lassos,
        selection.excluded,
    )


@given(selections())
def test_a_selection_survives_its_texts(selection):
    pairs = selection.pairs()
    texts = {parameter: [value for name, value in pairs if name == parameter] for parameter in PARAMETERS}
    again = Selection.of_parameters(texts)
    assert again == as_floats(selection)
    assert hash(again) == hash(as_floats(selection))
    assert again.pairs() == as_floats(selection).pairs()
    assert Selection.from_text(selection.text()) == again
    assert selection.words()
    assert selection.is_all == (selection.words() == "all cells" and not pairs)


@given(selections())
def test_the_parts_of_a_selection_make_it_up_again(selection):
    parts = selection.parts()
    assert len(parts) == len(set(parts))
    assert all(len(part.parts()) == 1 for part in parts)
    assert {pair for part in parts for pair in part.pairs()} == set(selection.pairs())
    assert selection.inverse().inverse() == selection or len(selection.excluded) > 1


@given(atlas=TEXTS, gene=TEXTS, color=TEXTS, embedding=TEXTS, layer=TEXTS, split=TEXTS, selection=selections())
def test_a_view_survives_its_url(selection, **texts):
    query = ExploreQuery(**texts, selection=as_floats(selection))
    search = query.search()
    assert search.isascii()
    if len(search) > MAX_URL:
        return
    assert ExploreQuery.parse(search) == query
    assert ExploreQuery.parse(search).search() == search


@given(search=st.text(max_size=60) | st.text("whererange=:&%25\\", max_size=30))
def test_any_url_is_read_or_refused_in_words(search):
    try:
        query = ExploreQuery.parse(search)
    except InvalidQuery:
        return
    assert ExploreQuery.parse(query.search()) == query


def test_order_and_repeats_do_not_matter():
    one = Selection.parse(["b=2", "a=1", "b=1", "b=2"], ["n:0:1", "m::3", "n:0:1"])
    other = Selection.parse(["a=1", "b=1", "b=2"], ["m::3", "n:0:1"])
    assert one == other
    assert one.where == (("a", ("1",)), ("b", ("1", "2")))
    assert Selection.of({"a": []}) == Selection()


def test_the_url_of_a_view_is_short_and_readable():
    query = ExploreQuery(
        atlas="human/liver",
        gene="ALB",
        selection=Selection.parse(["CellType=Hepatocyte", "Group="], ["percent.mt::0.1"]),
    )
    assert (
        query.search()
        == "?atlas=human%2Fliver&gene=ALB&where=CellType%3DHepatocyte&where=Group%3D&range=percent.mt%3A%3A0.1"
    )
    assert ExploreQuery().search() == ""
    assert query.but(gene="TTR").gene == "TTR"
    assert query.but(gene="TTR").selection == query.selection


@pytest.mark.parametrize(
    ("text", "column", "category"),
    [
        ("a=b", "a", "b"), ("a=b=c", "a", "b=c"), ("a=", "a", ""), (r"a\=b=c", "a=b", "c"), (r"a\\=b", "a\\", "b"),
        (r"a\b=c", r"a\b", "c"), ("a=b\\", "a", "b\\"), ("a\n=b\n", "a\n", "b\n"),
    ],
)  # fmt: skip
def test_filters_as_people_write_them(text, column, category):
    assert Selection.parse([text]).where == ((column, (category,)),)


@pytest.mark.parametrize("text", ["", "a", "=b", r"a\=b", "\\"])
def test_what_is_no_filter(text):
    with pytest.raises(InvalidQuery, match=r"is not a filter\. Write COLUMN=VALUE"):
        Selection.parse([text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n:0:1", Range("n", 0, 1)), ("n::1", Range("n", None, 1)), ("n:0:", Range("n", 0, None)),
        ("n::", Range("n", None, None)),
        ("a:b:1:2", Range("a:b", 1, 2)), ("n:1e3:1e3", Range("n", 1000, 1000)), ("n:-0:0", Range("n", 0, 0)),
    ],
)  # fmt: skip
def test_ranges_as_people_write_them(text, expected):
    assert Range.parse(text) == expected
    assert Range.parse(str(Range.parse(text))) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("n", "'n' is not a range."), ("n:1", "'n:1' is not a range."), (":1:2", "':1:2' is not a range."),
        ("", "'' is not a range."), ("n:2:1", "The range 'n:2:1' ends before it starts."),
        ("n:x:1", "'x' in the range 'n:x:1' is not a number."),
        ("n:nan:1", "'nan' in the range 'n:nan:1' is not finite."),
        ("n:0:inf", "'inf' in the range 'n:0:inf' is not finite."),
    ],
)  # fmt: skip
def test_what_is_no_range(text, says):
    with pytest.raises(InvalidQuery) as caught:
        Range.parse(text)
    assert caught.value.message == says


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_a_url_is_the_number(value):
    low = Range.parse(str(Range("n", value, None))).low
    assert low == value
    assert not (value == 0 and math.copysign(1, low) < 0)


def test_words():
    selection = Selection.parse(
        ["CellType=Hepatocyte", "CellType=LSEC", "Group="], ["age:30:60", "nas:3:", "percent.mt::0.1", "score::"]
    )
    assert selection.words() == (
        "CellType is Hepatocyte or LSEC; Group is not given; age is between 30 and 60; nas is at least 3; "
        "percent.mt is at most 0.1; score is given"
    )
    assert Selection().words() == "all cells"


def test_urls_have_limits():
    with pytest.raises(InvalidQuery, match=r"^The link is 9,005 characters long; 8,000 is the limit\."):
        ExploreQuery.parse("?gene" + "x" * 9_000)
    with pytest.raises(InvalidQuery, match=r"^The parameter 'gene' is 401 characters long; 400 is the limit\."):
        ExploreQuery.parse("?gene=" + "x" * (MAX_TEXT + 1))


def test_of_a_parameter_given_twice_the_first_holds_and_unknown_ones_are_ignored():
    assert ExploreQuery.parse("?gene=ALB&gene=TTR&utm_source=x") == ExploreQuery(gene="ALB")


@pytest.mark.parametrize(
    "text",
    ["X_umap", "X_umap:1_2~3_4", "X_umap:1_2~3_4~5", "X_umap:1_2~3_4~5_nan", "X_umap:1_2~3_4~5_inf", ":0_0~1_0~1_1",
     "X_umap:1_2~3_4~5_1_0", "X_umap:" + "~".join(["0_0"] * 201)],
)  # fmt: skip
def test_a_lasso_that_cannot_be_read_is_refused_in_a_sentence(text):
    with pytest.raises(InvalidQuery) as refused:
        Selection.parse(lassos=[text])
    assert refused.value.remedy


@pytest.mark.parametrize("text", ["ALB", "ALB:", ":1:2", "ALB:x:", "ALB:2:1", "ALB:nan:"])
def test_a_threshold_that_cannot_be_read_is_refused(text):
    with pytest.raises(InvalidQuery) as refused:
        Selection.parse(thresholds=[text])
    assert "MIN" not in str(refused.value)


def test_a_selection_in_a_text_holds_nothing_else():
    with pytest.raises(InvalidQuery, match="not a parameter of a selection"):
        Selection.from_text("where=a%3D1&gene=ALB")
    deep = Selection.parse(["a=1"])
    for _ in range(8):
        deep = Selection(excluded=(deep,))
    with pytest.raises(InvalidQuery, match="Exclusions are nested too deeply"):
        Selection.from_text(deep.text())


@pytest.mark.parametrize("inner", ["where=a=1", "range=a:0:1", "where=exclude=exclude"])
def test_how_deep_a_selection_excludes_is_counted_however_it_is_encoded(inner):
    allowed = Selection.from_text("exclude=" * MAX_DEPTH + inner)
    assert Selection.from_text(allowed.text()) == allowed
    # The last is deeper than Python would follow.
    for depth in (MAX_DEPTH + 1, 490):
        with pytest.raises(InvalidQuery, match="Exclusions are nested too deeply"):
            Selection.from_text("exclude=" * depth + inner)


def test_thresholds_lassos_and_exclusions_in_words():
    lasso = "X_umap:0_0~1_0~1_1"
    selection = Selection.parse([], [], ["ALB:0:"], [lasso, "X_umap:2_2~3_2~3_3"], ["where=group%3DMASH"])
    assert selection.words() == ("ALB is above 0; lasso on UMAP or lasso on UMAP; not (group is MASH)")
    assert str(Lasso.parse(lasso)) == lasso


def test_a_selection_has_so_many_conditions():
    many = {"expr": [f"G{number}:0:" for number in range(60)], "range": [f"n:{number}:" for number in range(40)]}
    assert len(Selection.of_parameters(many).parts()) == 100
    with pytest.raises(InvalidQuery, match="101 ranges, thresholds, lassos and exclusions"):
        Selection.of_parameters({**many, "exclude": ["where=a%3D1"]})
