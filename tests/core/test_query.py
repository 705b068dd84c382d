"""The state of a view and its URL are the same thing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidQuery
from core.query import MAX_TEXT, MAX_URL, ExploreQuery, Range, Selection

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


@st.composite
def selections(draw):
    where = draw(st.dictionaries(COLUMNS, st.lists(TEXTS, max_size=3), max_size=3))
    return Selection.of(where, draw(st.lists(ranges(), max_size=2)))


def as_floats(selection):
    """The selection with the numbers that a text can give back."""
    return Selection.of(
        dict(selection.where),
        [
            Range(each.column, *(None if end is None else float(end) for end in (each.low, each.high)))
            for each in selection.ranges
        ],
    )


@given(selections())
def test_a_selection_survives_its_texts(selection):
    pairs = selection.pairs()
    where = [value for name, value in pairs if name == "where"]
    again = Selection.parse(where, [value for name, value in pairs if name == "range"])
    assert again == as_floats(selection)
    assert hash(again) == hash(as_floats(selection))
    assert again.pairs() == as_floats(selection).pairs()
    assert selection.words()
    assert selection.is_all == (selection.words() == "all cells" and not pairs)


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
        ("", "'' is not a range."), ("n:2:1", "The range 'n:2:1' ends before it begins."),
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
