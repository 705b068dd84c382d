"""DOIs within texts."""

import pytest

from core.atlas.doi import doi_of


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1038/s41586-019-1631-3", "10.1038/s41586-019-1631-3"),
        ("Publication: https://doi.org/10.1016/j.jhep.2020.05.039 Dataset Version: x", "10.1016/j.jhep.2020.05.039"),
        ("Nature 2019 (doi:10.1038/s41586-019-1631-3).", "10.1038/s41586-019-1631-3"),
        ("He 2020, 10.1/x and 110.1038/abc", ""),
        ('<a href="10.1000/182">', "10.1000/182"),
        ("", ""),
    ],
)
def test_doi(text, doi):
    assert doi_of(text) == doi
