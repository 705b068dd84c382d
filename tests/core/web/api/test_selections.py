"""The selection as a file over HTTP and by the command line."""

import io

import anndata
import numpy as np
import pytest

from core.cli import main
from tests.core.web.conftest import problem

ADDRESS = "/api/v1/datasets/human/liver/selection.h5ad"


def test_the_file_opens_in_anndata(client):
    answer = client.get(ADDRESS, query_string={"where": "Group=MASH", "expr": "ALB:0:"})
    assert answer.status_code == 200
    assert answer.mimetype == "application/x-hdf5"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="liver_selection.h5ad"'
    found = anndata.read_h5ad(io.BytesIO(answer.data))
    assert set(found.obs["Group"]) == {"MASH"}
    assert (found[:, "ALB"].X.toarray() > 0).all()
    answer.close()


def test_nothing_is_left_on_the_disk(client, data):
    before = sorted((data / "cache").glob("*"))
    client.get(ADDRESS).close()
    assert sorted((data / "cache").glob("*")) == before


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"where": "Group=MASHED"}, 404, "MASHED"),
        ({"range": "score:1e9:"}, 400, "No cells match"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
def test_what_cannot_be_asked(client, query, status, said):
    assert said in problem(client.get(ADDRESS, query_string=query), status)["detail"]


def test_a_selection_beyond_the_cap_is_refused(data, make_app):
    client = make_app(data, export_values=100).server.test_client()
    told = problem(client.get(ADDRESS), 400)
    assert told["detail"] == "These cells have 1,200 values, and a download may have 100."
    assert "masldatlas extract" in told["remedy"]


def test_the_command_line_writes_the_same(client, data, tmp_path, capfd):
    out = tmp_path / "cells.h5ad"
    with pytest.raises(SystemExit) as left:
        main(["--data-dir", str(data), "extract", "human/liver", "-o", str(out), "--where", "Group=MASH"])
    assert left.value.code == 0
    assert list(tmp_path.iterdir()) == [out]
    answer = client.get(ADDRESS, query_string={"where": "Group=MASH"})
    one, other = anndata.read_h5ad(out), anndata.read_h5ad(io.BytesIO(answer.data))
    assert np.array_equal(one.X.toarray(), other.X.toarray())
    assert one.obs.equals(other.obs)
    answer.close()


@pytest.mark.parametrize(("place", "said"), [("missing/a.h5ad", "does not exist"), ("", "is not a file")])
def test_a_place_that_will_not_do(data, tmp_path, capfd, place, said):
    capfd.readouterr()
    with pytest.raises(SystemExit) as left:
        main(["--data-dir", str(data), "extract", "human/liver", "-o", str(tmp_path / place)])
    assert left.value.code == 2
    assert said in capfd.readouterr().err
