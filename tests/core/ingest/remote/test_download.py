"""A download against a server that does what servers do."""

import hashlib
import json

import pytest
import tenacity

from core.errors import DownloadFailed, StorageFull
from core.ingest.remote import download as module
from core.ingest.remote.download import ATTEMPTS, BACKOFF, Wanted, discard, download, md5_of, part_of
from tests.core.ingest.remote.conftest import hang_up, serve, status


@pytest.fixture
def path(tmp_path):
    return tmp_path / "downloads" / "file.h5ad"


@pytest.fixture
def fetch(origin, path):
    def fetch(*, url=None, n_bytes=None, checked=False, room=lambda total: None):
        path.parent.mkdir(exist_ok=True)
        seen = []
        wanted = Wanted(url or origin.url, n_bytes, checked)
        download(wanted, path, lambda done, total: seen.append((done, total)), room, tenacity.wait_none())
        return seen

    return fetch


def arrived(path, origin):
    assert path.read_bytes() == origin.body
    assert not part_of(path).exists()


def refused(fetch, **how):
    with pytest.raises(DownloadFailed) as caught:
        fetch(**how)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("n_bytes", [None, 1 << 20])
def test_a_whole_file(origin, path, fetch, n_bytes):
    seen = fetch(n_bytes=n_bytes)
    arrived(path, origin)
    assert seen[-1] == (1 << 20, 1 << 20)
    assert origin.asked[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize("etag", [True, False])
def test_a_line_that_is_cut_many_times(origin, path, fetch, etag):
    origin.script = [
        *(serve(cut=n, etag=etag) for n in (100_000, 1, 300_000, 0, 5, 200_000, 100, 77, 1, 2, 3)),
        serve(),
    ]
    fetch()
    arrived(path, origin)
    assert origin.ranges[:4] == [None, "bytes=100000-", "bytes=100001-", "bytes=400001-"]
    assert [headers.get("if-range") for headers in origin.asked[1:3]] == ['"v1"' if etag else None] * 2


def test_a_line_that_is_cut_before_the_first_byte(origin, path, fetch):
    origin.script = [hang_up, hang_up, serve()]
    fetch()
    arrived(path, origin)


def test_a_server_that_never_gets_further_is_given_up(origin, path, fetch):
    origin.script = [serve(cut=1000), serve(cut=0)]
    said = refused(fetch)
    assert "does not get beyond 1,000 of 1,048,576 bytes" in said
    assert "kept" in said
    assert part_of(path).read_bytes() == origin.body[:1000]
    assert len(origin.asked) == ATTEMPTS
    origin.script = [serve()]
    fetch()
    arrived(path, origin)
    assert origin.ranges[-1] == "bytes=1000-"


def test_a_server_that_is_not_there(fetch, path):
    said = refused(fetch, url="http://127.0.0.1:9/x")
    assert "127.0.0.1" in said
    assert "no connection" in said


@pytest.mark.parametrize("bad", [500, 503, 429, 502])
def test_a_server_that_recovers(origin, path, fetch, bad):
    origin.script = [status(bad), status(bad, Retry_After="0"), serve()]
    fetch()
    arrived(path, origin)


@pytest.mark.parametrize("bad", [404, 403, 410, 418])
def test_a_server_that_refuses_is_asked_once(origin, fetch, bad):
    origin.script = [status(bad)]
    assert f"answers {bad}" in refused(fetch)
    assert len(origin.asked) == 1


def test_a_server_that_stays_broken(origin, fetch):
    origin.script = [status(500)]
    assert "500 (Internal Server Error)" in refused(fetch)
    assert len(origin.asked) == ATTEMPTS


def test_a_redirect_is_followed_and_keeps_the_range(origin, path, fetch):
    origin.script = [status(302, Location="/elsewhere"), serve(cut=10), status(307, Location="/again"), serve()]
    fetch()
    arrived(path, origin)
    assert origin.ranges[-1] == "bytes=10-"


def test_a_circle_of_redirects(origin, fetch):
    origin.script = [status(302, Location="/round")]
    assert "redirects" in refused(fetch)


def test_a_server_that_ignores_ranges(origin, path, fetch):
    origin.script = [serve(cut=500_000, ranges=False), serve(ranges=False)]
    fetch()
    arrived(path, origin)
    assert origin.ranges == [None, "bytes=500000-"]


def test_a_file_that_changes_meanwhile_begins_anew(origin, path, fetch):
    def change(handler, it):
        it.body, it.etag = it.body[::-1], '"v2"'
        serve()(handler, it)

    origin.script = [serve(cut=500_000), change]
    fetch()
    arrived(path, origin)


def test_a_file_that_changes_its_size_without_versions(origin, path, fetch):
    def change(handler, it):
        it.body = it.body[:-1] + b"xyz"
        serve(etag=False)(handler, it)

    origin.script = [serve(cut=500_000, etag=False), change, serve(etag=False)]
    fetch()
    arrived(path, origin)
    assert origin.ranges == [None, "bytes=500000-", None]


def test_a_part_that_is_not_the_one_asked_for(origin, path, fetch):
    def wrong(handler, it):
        handler.headers.replace_header("Range", "bytes=7-")
        serve(etag=False)(handler, it)

    origin.script = [serve(cut=500_000), wrong, serve()]
    fetch()
    arrived(path, origin)


@pytest.mark.parametrize("n_bytes", [None, 1 << 20])
def test_more_is_announced_than_there_is(origin, path, fetch, n_bytes):
    origin.script = [serve(announce=100), serve()]
    if n_bytes is None:
        # What the server says next, that there is no more, is believed.
        fetch()
        arrived(path, origin)
    else:
        assert "has 1,048,676 bytes; the published one has 1,048,576" in refused(fetch, n_bytes=n_bytes)


def test_more_is_always_announced_than_there_is(origin, fetch):
    origin.script = [serve(announce=100, ranges=False)]
    assert "does not get beyond" in refused(fetch)


def test_less_is_announced_than_there_is(origin, path, fetch):
    origin.script = [serve(announce=-100)]
    assert "another file" in refused(fetch, n_bytes=1 << 20)
    fetch()  # without a size or a checksum nobody can know
    assert path.read_bytes() == origin.body[:-100]


def test_a_range_that_says_less_than_it_sends(origin, path, fetch):
    origin.script = [serve(cut=500_000), serve(total=600_000, etag=False), serve()]
    fetch()
    arrived(path, origin)


@pytest.mark.parametrize("n_bytes", [None, 1 << 20])
def test_without_a_length(origin, path, fetch, n_bytes):
    origin.script = [serve(length=False)]
    seen = fetch(n_bytes=n_bytes)
    arrived(path, origin)
    assert seen[-1] == (1 << 20, n_bytes)


def test_without_a_length_a_cut_shows_by_the_known_size(origin, path, fetch):
    origin.script = [serve(length=False, cut=1000), serve(length=False)]
    fetch(n_bytes=1 << 20)
    arrived(path, origin)


def test_a_compressed_answer_is_refused(origin, fetch):
    origin.script = [status(200, Content_Encoding="gzip")]
    assert "compressed" in refused(fetch)


def test_a_whole_file_is_not_fetched_again(origin, path, fetch):
    fetch(n_bytes=1 << 20)
    fetch(n_bytes=1 << 20)
    assert len(origin.asked) == 1
    fetch()  # of unknown size: the server is asked whether there is more, or another one
    assert origin.ranges[1:] == ["bytes=1048576-"]
    origin.body, origin.etag = b"new", '"v2"'
    fetch()
    arrived(path, origin)


def test_a_part_that_is_longer_than_the_file(origin, path, fetch):
    path.parent.mkdir()
    part_of(path).write_bytes(b"x" * 2_000_000)
    fetch(n_bytes=1 << 20, checked=True)
    arrived(path, origin)


@pytest.mark.parametrize("checked", [True, False])
def test_a_part_from_another_place_counts_only_if_it_will_be_checked(origin, path, fetch, checked):
    origin.script = [serve(cut=1000), status(404)]
    refused(fetch, checked=checked)
    origin.script = [serve()]
    fetch(url=origin.url + "?mirror", checked=checked)
    arrived(path, origin)
    assert origin.asked[-1].get("range") == ("bytes=1000-" if checked else None)
    assert "if-range" not in origin.asked[-1]


def test_notes_that_are_damaged(origin, path, fetch):
    path.parent.mkdir()
    part_of(path).write_bytes(b"nonsense")
    path.with_name("file.h5ad.part.json").write_bytes(b"[")
    fetch()
    arrived(path, origin)


def test_no_password_is_written_down_or_said(origin, path, fetch):
    url = origin.url.replace("http://", "http://me:swordfish@")
    origin.script = [serve(cut=10), status(404)]
    assert "swordfish" not in refused(fetch, url=url)
    notes = path.with_name("file.h5ad.part.json").read_text()
    assert "swordfish" not in notes
    assert json.loads(notes)["bytes"] == 1 << 20
    assert "swordfish" not in refused(fetch, url="http://me:swordfish@127.0.0.1:99999/x")


def test_room_is_asked_for_before_anything_is_written(origin, path, fetch):
    def room(total):
        raise StorageFull(f"{total}")

    with pytest.raises(StorageFull, match="1048576"):
        fetch(room=room)
    assert not part_of(path).exists()


def test_the_pauses(origin, path, monkeypatch):
    slept = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", slept.append)
    origin.script = [status(503, Retry_After="17"), *[status(500)] * 3, serve(cut=10), status(500), serve()]
    path.parent.mkdir()
    download(Wanted(origin.url, None, checked=False), path, lambda *_: None, lambda total: None, BACKOFF)
    assert slept[0] == 17
    assert all(low <= pause <= low + 1 for pause, low in zip(slept[1:], [2, 4, 8, 1, 2], strict=True))
    assert max(slept) <= module.MAX_WAIT


def test_md5(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc" * 10_000)
    seen = []
    assert md5_of(path, seen.append) == hashlib.md5(b"abc" * 10_000).hexdigest()
    assert seen[-1] == 1
    discard(path)
    discard(path)
    assert not path.exists()
