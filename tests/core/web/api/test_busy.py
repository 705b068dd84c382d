"""Admission control: a full server refuses heavy requests with Retry-After, and answers light ones."""

import pytest

from core.compute import admission as module
from core.compute.admission import Admission
from tests.core.web.conftest import problem

API = "/api/v1/datasets/human/liver"


@pytest.fixture
def full(monkeypatch):
    """Refuse every heavy computation."""
    room = Admission(0, 0, 10**9)
    monkeypatch.setattr(room, "_fits", lambda _: False)
    monkeypatch.setattr(module, "admission", lambda: room)


@pytest.mark.parametrize(
    "path",
    [
        "/correlations?gene=ALB&drop_zeros=true&top=3",
        "/markers?by=CellType&top=3",
        "/dotplot?by=CellType&genes=ALB,GLUL",
        "/score?genes=ALB,GLUL",
    ],
)
def test_heavy_questions_are_refused_with_a_time(client, full, path):
    answer = client.get(API + path)
    body = problem(answer, 503)
    assert answer.headers["Retry-After"] == "2"
    assert body["title"] == "Busy"
    assert "Try again in 2 seconds" in body["remedy"]


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/datasets", f"{API}/genes?q=ALB", "/explore"])
def test_light_ones_are_answered(client, full, path):
    assert client.get(path).status_code == 200


def test_what_never_fits_is_said(client, monkeypatch):
    room = Admission(2, 2, 1000)
    monkeypatch.setattr(module, "admission", lambda: room)
    body = problem(client.get(f"{API}/markers?by=CellType&top=3"), 503)
    assert "GB of memory" in body["detail"]
    assert "Choose fewer" in body["remedy"]
