"""Comparison of r between two groups: pairs stay together, and it is refused where there is nothing to compare."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from core.errors import InvalidQuery
from core.views.correlation.difference import compute
from core.views.correlation.state import resolve


@pytest.fixture
def view(services):
    """Return a view of two genes and the two groups of the atlas."""
    found, problems = resolve(services, "?" + urlencode({"atlas": "human/liver", "gene": "ALB", "gene_b": "CYP2E1"}))
    assert problems == []
    return found


def test_two_groups_are_handed_to_the_analysis(view):
    assert (view.query.one, view.query.two) == ("Healthy", "MASH")
    # Each sample of this atlas has cells of both groups: three pairs, each exchanged or not.
    found = compute(view)
    assert (found.n_paired, found.n_permutations, found.exact, found.least_p) == (3, 8, True, 0.25)


def test_a_group_against_itself_is_refused(view):
    with pytest.raises(InvalidQuery, match="Both groups are 'MASH'"):
        compute(replace(view, query=view.query.but(one="MASH")))
