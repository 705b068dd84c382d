"""Settings that lie in files: read like any other, refused in one sentence, and never shown."""

import pytest

from core.errors import InvalidSettings
from core.settings.files import MAX_BYTES, from_files
from core.settings.settings import child_environment, load

SECRET = "correct-horse-battery-staple-0123456789"


@pytest.fixture
def named(monkeypatch, tmp_path):
    """Return a function that writes a file and names it in a variable."""

    def name(variable, content):
        path = tmp_path / variable.lower()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        monkeypatch.setenv(f"MASLDATLAS_{variable}", str(path))
        return path

    return name


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_in_a_file(named, monkeypatch, end):
    monkeypatch.setenv("MASLDATLAS_ENV", "production")
    named("SECRET_KEY_FILE", SECRET + end)
    named("CACHE_REDIS_FILE", "redis://:pass@cache:6379/0" + end)
    found = load()
    assert found.secret_key.get_secret_value() == SECRET
    assert found.cache_redis == "redis://:pass@cache:6379/0"
    assert "pass" not in repr(found)
    assert SECRET not in repr(found)


def test_any_setting_may_lie_in_a_file(named):
    named("PORT_FILE", "8123\n")
    named("EMBED_ALLOWED_ORIGINS_FILE", "https://a.org https://b.org\n")
    found = load()
    assert found.port == 8123
    assert found.embed_allowed_origins == ("https://a.org", "https://b.org")
    assert load(port=1).port == 1, "an option of a command wins"


def test_a_child_process_has_the_same(named):
    named("SECRET_KEY_FILE", SECRET)
    child = child_environment(load())
    assert child["MASLDATLAS_SECRET_KEY"] == SECRET
    assert "MASLDATLAS_SECRET_KEY_FILE" not in child


def test_an_empty_variable_is_not_set(monkeypatch):
    monkeypatch.setenv("MASLDATLAS_CACHE_REDIS_FILE", "")
    assert load().cache_redis is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "must hold one line"),
        ("\n\n", "must hold one line"),
        (f"{SECRET}\nand more", "must hold one line"),
        (SECRET * 2_000, "must hold one line"),
        (b"\xff\xfe secret", "is no text"),
    ],
)
def test_what_is_no_setting(named, content, words):
    assert len(SECRET * 2_000) > MAX_BYTES
    path = named("SECRET_KEY_FILE", content)
    with pytest.raises(InvalidSettings) as caught:
        load()
    text = str(caught.value)
    assert f"MASLDATLAS_SECRET_KEY_FILE names '{path}', which" in text
    assert words in text
    assert "correct-horse" not in text
    assert "\n" not in text


def test_a_file_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("MASLDATLAS_SECRET_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(InvalidSettings, match=r"cannot be read \(no such file or directory\)\.$"):
        load()
    monkeypatch.setenv("MASLDATLAS_SECRET_KEY_FILE", str(tmp_path))
    with pytest.raises(InvalidSettings, match=r"cannot be read \(is a directory\)\.$"):
        load()


def test_one_of_the_two(named, monkeypatch):
    named("SECRET_KEY_FILE", SECRET)
    monkeypatch.setenv("MASLDATLAS_SECRET_KEY", SECRET)
    with pytest.raises(InvalidSettings, match="MASLDATLAS_SECRET_KEY_FILE and MASLDATLAS_SECRET_KEY are both set"):
        load()


def test_a_malformed_value_from_a_file_is_told_like_any_other(named):
    named("CACHE_REDIS_FILE", "http://:hunter2@cache")
    with pytest.raises(InvalidSettings, match="MASLDATLAS_CACHE_REDIS does not begin with redis://") as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_a_file_for_no_setting(named):
    named("SECRET_KEYS_FILE", SECRET)
    with pytest.raises(InvalidSettings, match="MASLDATLAS_SECRET_KEYS_FILE is not a setting"):
        load()


def test_names_of_any_case(tmp_path):
    path = tmp_path / "port"
    path.write_text("80")
    given = {"masldatlas_port_file": str(path), "OTHER_PORT_FILE": "/none", "MASLDATLAS_NONE_FILE": "/none"}
    assert from_files(given, "MASLDATLAS_", ["port"]) == ({"port": "80"}, [], {"masldatlas_port_file"})
