"""Settings: what is accepted, what is refused, and that a refusal is one helpful sentence without a secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from core.errors import InvalidSettings
from core.kernels import source_digest
from core.settings import settings
from core.settings.settings import DEVELOPMENT_SECRET, Settings, child_environment, load, use_numba_cache
from core.settings.validators import without_password

GOOD_SECRET = "correct-horse-battery-staple-0123456789"


def read(monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(f"MASLDATLAS_{name}", value)
    return load()


def refusal(monkeypatch, **variables) -> str:
    with pytest.raises(InvalidSettings) as caught:
        read(monkeypatch, **variables)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert caught.value.__context__ is None, "pydantic's error holds the values"
    return text


def test_defaults(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    found = load()
    assert found.data_dir.is_absolute()
    assert found.data_dir.name == "masldatlas"
    assert tmp_path in found.data_dir.parents
    assert (found.host, found.port, found.threads, found.env) == ("127.0.0.1", 8050, None, "development")
    assert found.cache_size == 512 * 1024 * 1024
    assert found.correlation_cache
    off = ("secure_mode", "preload_datasets", "metrics_enabled", "monitoring_enabled")
    assert not any(getattr(found, name) for name in off)
    assert found.cache_redis is None
    assert found.dask_scheduler is None
    assert found.embed_allowed_origins == ()
    assert found.secret_key.get_secret_value() == DEVELOPMENT_SECRET
    assert not found.production
    assert not list(tmp_path.iterdir()), "reading the settings creates nothing"


def test_every_field_of_the_issue_is_there():
    issue = """DATA_DIR HOST PORT THREADS ENV SECURE_MODE LOG_LEVEL CACHE_REDIS CACHE_SIZE CORRELATION_CACHE
    PRELOAD_DATASETS METRICS_ENABLED METRICS_PORT MONITORING_ENABLED MONITORING_INTERVAL RATE_LIMIT
    EMBED_ALLOWED_ORIGINS SECRET_KEY DASK_SCHEDULER GENE_SETS_DIR RASTER_ABOVE ORTHOLOGS LIMITER_REDIS
     TRUSTED_PROXIES SECURITY_CONTACT EXPORT_VALUES IMPORT_TIMEOUT ALLOWED_HOSTS RESTARTS
     URL_PREFIX ACCESS_HEADER ACCESS_VALUE REFERENCES_FETCH"""
    assert set(issue.lower().split()) == set(Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values()), "the description is the remedy"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "0", 0),
        ("PORT", "65535", 65535),
        ("URL_PREFIX", "/atlas", "/atlas/"),
        ("URL_PREFIX", "/lab/atlas-2/", "/lab/atlas-2/"),
        ("URL_PREFIX", "/", "/"),
        ("HOST", "0.0.0.0", "0.0.0.0"),
        ("HOST", "::", "::"),
        ("HOST", "atlas-1.lab.example.org", "atlas-1.lab.example.org"),
        ("THREADS", "3", 3),
        ("RASTER_ABOVE", "500000", 500_000),
        ("ENV", "Development", "development"),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("SECURE_MODE", "true", True),
        ("SECURE_MODE", "1", True),
        ("SECURE_MODE", "on", True),
        ("CORRELATION_CACHE", "no", False),
        ("CACHE_SIZE", "512MB", 512 * 1024**2),
        ("CACHE_SIZE", "4GB", 4 * 1024**3),
        ("CACHE_SIZE", "4 gib", 4 * 1024**3),
        ("CACHE_SIZE", "4g", 4 * 1024**3),
        ("CACHE_SIZE", "1.5GB", 1536 * 1024**2),
        ("CACHE_SIZE", "1048576", 1024**2),
        ("CACHE_SIZE", "2048KB", 2 * 1024**2),
        ("MONITORING_INTERVAL", "2.5", 2.5),
        ("RATE_LIMIT", "10 per 5 minutes", "10 per 5 minutes"),
        ("RATE_LIMIT", "10/second;200/minute", "10/second;200/minute"),
        ("CACHE_REDIS", "redis://cache:6379/0", "redis://cache:6379/0"),
        ("CACHE_REDIS", "rediss://:p%40ss@cache", "rediss://:p%40ss@cache"),
        ("CACHE_REDIS", "unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
        ("DASK_SCHEDULER", "tcp://scheduler:8786", "tcp://scheduler:8786"),
        ("DASK_SCHEDULER", "tcp://[::1]:8786", "tcp://[::1]:8786"),
        ("EMBED_ALLOWED_ORIGINS", "https://lab.example.org", ("https://lab.example.org",)),
        (
            "EMBED_ALLOWED_ORIGINS",
            " https://Lab.Example.org , http://localhost:8000,https://lab.example.org,",
            ("https://lab.example.org", "http://localhost:8000"),
        ),
        (
            "EMBED_ALLOWED_ORIGINS",
            "https://a.org http://b.org:80,\n https://c.org",
            ("https://a.org", "http://b.org:80", "https://c.org"),
        ),
        ("PORT", "", 8050),
        ("CACHE_REDIS", "", None),
    ],
)
def test_accepted(monkeypatch, name, text, value):
    assert getattr(read(monkeypatch, **{name: text}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("PORT", "eighty", ["'eighty'", "0 to 65535", "8050"]),
        ("URL_PREFIX", "atlas", ["'atlas'", "/atlas/"]),
        ("URL_PREFIX", "/api/", ["'/api/'", "/api is a path of the program itself"]),
        ("URL_PREFIX", "/a b/", ["'/a b/'"]),
        ("URL_PREFIX", "/../", ["'/../'"]),
        ("ACCESS_HEADER", "X_Access", ["'X_Access'", "X-Masldatlas-Access"]),
        ("ACCESS_VALUE", "s" * 31, ["too short", "openssl rand -hex 32"]),
        ("ACCESS_VALUE", "s" * 32, ["without a trusted proxy"]),
        ("PORT", "-1", ["'-1'", "0 to 65535"]),
        ("PORT", "65536", ["'65536'", "0 to 65535"]),
        ("PORT", "80.5", ["'80.5'"]),
        ("METRICS_PORT", "tcp://10.0.0.1:9100", ["0 to 65535"]),
        ("HOST", "localhost:8050", ["'localhost:8050'", "127.0.0.1"]),
        ("HOST", "a b", ["'a b'"]),
        ("HOST", "a" * 300, ["…"]),
        ("THREADS", "0", ["'0'", "1 to 1024"]),
        ("THREADS", "all", ["'all'"]),
        ("ENV", "prod", ["'prod'", "development or production"]),
        ("SECURE_MODE", "maybe", ["'maybe'", "true or false"]),
        ("LOG_LEVEL", "loud", ["'LOUD'", "DEBUG, INFO"]),
        ("CACHE_SIZE", "lots", ["'lots'", "512MB"]),
        ("CACHE_SIZE", "-1", ["'-1'"]),
        ("CACHE_SIZE", "512", ["512", "1MB or more"]),
        ("CACHE_SIZE", "0", ["1MB or more"]),
        ("CACHE_SIZE", "999999999999999TB", ["512MB"]),
        ("CACHE_SIZE", "9" * 5000, ["…"]),
        ("CACHE_SIZE", "٤GB", ["512MB"]),
        ("MONITORING_INTERVAL", "0", ["'0'", "number of seconds"]),
        ("MONITORING_INTERVAL", "nan", ["'nan'"]),
        ("MONITORING_INTERVAL", "inf", ["'inf'"]),
        ("MONITORING_INTERVAL", "15s", ["'15s'"]),
        ("RATE_LIMIT", "200", ["'200'", "200/minute"]),
        ("RATE_LIMIT", "0/minute", ["'0/minute'"]),
        ("RATE_LIMIT", "200/fortnight", ["'200/fortnight'"]),
        ("RATE_LIMIT", "200/minute;", ["200/minute"]),
        ("CACHE_REDIS", "localhost:6379", ["does not begin with redis://"]),
        ("CACHE_REDIS", "http://cache", ["does not begin with redis://"]),
        ("CACHE_REDIS", "redis:///0", ["names no host"]),
        ("CACHE_REDIS", "redis://cache:port", ["malformed host or port"]),
        ("CACHE_REDIS", "redis://cache/first", ["database that is not a number"]),
        ("CACHE_REDIS", "unix://redis.sock", ["absolute path"]),
        ("CACHE_REDIS", "redis://ca che", ["space"]),
        ("DASK_SCHEDULER", "scheduler:8786", ["'scheduler:8786'", "tcp://localhost:8786"]),
        ("DASK_SCHEDULER", "tcp://scheduler", ["tcp://localhost:8786"]),
        ("DASK_SCHEDULER", "tcp://scheduler:8786/x", ["tcp://localhost:8786"]),
        ("EMBED_ALLOWED_ORIGINS", "https://lab.example.org/atlas", ["a path", "https://lab.example.org"]),
        ("EMBED_ALLOWED_ORIGINS", "https://lab.example.org/", ["a path"]),
        ("EMBED_ALLOWED_ORIGINS", "https://a.org?x", ["a query"]),
        ("EMBED_ALLOWED_ORIGINS", "https://a.org#x", ["a fragment"]),
        ("EMBED_ALLOWED_ORIGINS", "lab.example.org", ["does not begin with https://"]),
        ("EMBED_ALLOWED_ORIGINS", "https://", ["no host"]),
        ("EMBED_ALLOWED_ORIGINS", "https://*.example.org", ["no host"]),
        ("EMBED_ALLOWED_ORIGINS", "*", ["does not begin with https://"]),
        ("EMBED_ALLOWED_ORIGINS", "https://a.org; script-src *", ["'https://a.org;'", "no host"]),
        ("EMBED_ALLOWED_ORIGINS", "http://[::1]:8000", ["an IPv6 address"]),
        ("EMBED_ALLOWED_ORIGINS", "https://a.org;script-src", ["no host"]),
        ("EMBED_ALLOWED_ORIGINS", "https://a.org:port", ["malformed host or port"]),
        ("EMBED_ALLOWED_ORIGINS", "https://a.org,https://b.org/x", ["'https://b.org/x'", "a path"]),
        ("DATA_DIR", "~nobody-of-that-name/data", ["no such home"]),
    ],
)
def test_refused(monkeypatch, name, text, words):
    said = refusal(monkeypatch, **{name: text})
    assert said.startswith(f"MASLDATLAS_{name} ")
    assert len(said) < 300
    for word in [*words, "; it must be "]:
        assert word in said


def test_gene_sets_lie_beside_the_data_unless_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert read(monkeypatch, DATA_DIR=str(tmp_path / "data")).gene_sets == tmp_path / "data" / "genesets"
    assert read(monkeypatch, GENE_SETS_DIR="~/sets").gene_sets == tmp_path / "home" / "sets"
    (tmp_path / "file").touch()
    assert "not a directory" in refusal(monkeypatch, GENE_SETS_DIR=str(tmp_path / "file"))


def test_data_dir(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert read(monkeypatch, DATA_DIR="data").data_dir == tmp_path / "data"
    assert read(monkeypatch, DATA_DIR="~/data").data_dir == tmp_path / "home" / "data"
    (tmp_path / "file").touch()
    assert "not a directory" in refusal(monkeypatch, DATA_DIR=str(tmp_path / "file"))
    assert "cannot be reached" in refusal(monkeypatch, DATA_DIR=str(tmp_path / ("x" * 4000)))


def test_no_home_asks_for_a_directory(monkeypatch):
    monkeypatch.setattr(settings.platformdirs, "user_data_path", lambda *_, **__: Path("~nobody-of-that-name"))
    assert refusal(monkeypatch).startswith("MASLDATLAS_DATA_DIR ")
    assert load(data_dir="/srv/atlas").data_dir == Path("/srv/atlas")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("PROT", "PORT"),
        ("DATADIR", "DATA_DIR"),
        ("REDIS", "CACHE_REDIS"),
        ("REDIS_CACHE", "CACHE_REDIS"),
        ("SECRET", "SECRET_KEY"),
    ],
)
def test_a_misspelt_variable_names_the_nearest(monkeypatch, wrong, right):
    said = refusal(monkeypatch, **{wrong: "hunter2hunter2"})
    assert said == f"MASLDATLAS_{wrong} is not a setting; the nearest one is MASLDATLAS_{right}."


def test_an_unknown_variable_lists_those_that_are(monkeypatch):
    said = refusal(monkeypatch, ZZZZZ="")
    assert said.startswith("MASLDATLAS_ZZZZZ is not a setting; those that are: MASLDATLAS_DATA_DIR, ")


def test_variables_of_the_tests_are_passed_over(monkeypatch):
    assert read(monkeypatch, TEST_DATA="/data", TEST_ANYTHING="x").port == 8050


def test_the_first_problem_and_how_many_more(monkeypatch):
    said = refusal(monkeypatch, PORT="x", THREADS="x", ENV="x", EMBED_ALLOWED_ORIGINS="a,b")
    assert said.startswith("MASLDATLAS_PORT is 'x'; ")
    assert said.endswith(" (3 more to correct).")


def test_overrides_win_and_none_is_not_given(monkeypatch):
    monkeypatch.setenv("MASLDATLAS_PORT", "9000")
    monkeypatch.setenv("MASLDATLAS_HOST", "0.0.0.0")
    found = load(port=0, host=None, cache_size="2MB", embed_allowed_origins=("https://a.org",))
    assert (found.port, found.host, found.cache_size) == (0, "0.0.0.0", 2 << 20)
    assert found.embed_allowed_origins == ("https://a.org",)
    with pytest.raises(InvalidSettings, match="MASLDATLAS_PORT is 99999; it must be"):
        load(port=99999)
    with pytest.raises(InvalidSettings, match="nearest one is MASLDATLAS_PORT"):
        load(prot=1)
    with pytest.raises(InvalidSettings, match="MASLDATLAS_CACHE_SIZE"):
        load(cache_size=1)


def test_frozen_and_hashable():
    found = load()
    with pytest.raises(ValidationError):
        found.port = 1
    assert hash(found) == hash(load())


@pytest.mark.parametrize("secret", [None, "", DEVELOPMENT_SECRET, "hunter2", "x" * 31, " " * 64])
def test_production_refuses_a_secret_others_know(monkeypatch, secret):
    given = {} if secret is None else {"SECRET_KEY": secret}
    said = refusal(monkeypatch, ENV="production", **given)
    assert said.startswith("MASLDATLAS_SECRET_KEY ")
    assert "32 random characters" in said
    assert not secret or secret not in said


def test_production_with_a_secret(monkeypatch):
    found = read(monkeypatch, ENV="production", SECRET_KEY=GOOD_SECRET)
    assert found.production
    assert found.secret_key == SecretStr(GOOD_SECRET)
    assert read(monkeypatch, ENV="development", SECRET_KEY="short").secret_key == SecretStr("short")


def test_secrets_are_not_shown(monkeypatch):
    url = "redis://user:hunter22@cache:6379/0?password=hunter33"
    found = read(monkeypatch, SECRET_KEY=GOOD_SECRET, CACHE_REDIS=url)
    assert found.cache_redis == url
    for shown in (repr(found), str(found), found.model_dump_json(), str(found.model_dump())):
        assert GOOD_SECRET not in shown
        assert "hunter" not in shown
        assert "redis://***@cache:6379/0" in shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CACHE_REDIS", "redis://u:hunter2@cache:port"),
        ("CACHE_REDIS", "u:hunter2@cache"),
        ("DASK_SCHEDULER", "tcp://u:hunter2@scheduler:1"),
        ("EMBED_ALLOWED_ORIGINS", "https://u:hunter2@a.org"),
    ],
)
def test_a_refusal_shows_no_password(monkeypatch, name, text):
    assert "hunter2" not in refusal(monkeypatch, **{name: text})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://h:1/0", "redis://h:1/0"),
        ("redis://u:p@h", "redis://***@h"),
        ("redis://u:p@ss@h", "redis://***@h"),
        ("redis://h?db=1&password=x&y=2", "redis://h?db=1&password=***&y=2"),
        ('{"url":"https://a.org","mail":"a@b.org"}', '{"url":"https://a.org","mail":"a@b.org"}'),
    ],
)
def test_without_password(url, shown):
    assert without_password(url) == shown


@pytest.mark.slow(representative=True)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_accepted_or_refused_in_one_sentence(text):
    for name in Settings.model_fields:
        said = ""
        try:
            load(**{name: text})
        except InvalidSettings as error:
            said = str(error)
        assert not said or (len(said.splitlines()) == 1 and said.startswith(f"MASLDATLAS_{name.upper()} "))


@given(
    number=st.integers(1, 10**6), unit=st.sampled_from(["K", "M", "G", "T"]), suffix=st.sampled_from(["", "B", "iB"])
)
def test_sizes_are_powers_of_1024(number, unit, suffix):
    size = number * 1024 ** ("KMGT".index(unit) + 1)
    if size >= 1 << 20:
        assert load(cache_size=f"{number}{unit}{suffix}").cache_size == size


def test_a_child_process_reads_the_same(monkeypatch, tmp_path):
    monkeypatch.setenv("MASLDATLAS_PORT", "9000")
    monkeypatch.setenv("MASLDATLAS_TEST_DATA", "/data")
    mine = load(
        data_dir=tmp_path,
        env="production",
        secret_key=GOOD_SECRET,
        cache_redis="redis://u:pw@cache",
        embed_allowed_origins="https://a.org,https://b.org",
        secure_mode=True,
        monitoring_interval=2.5,
        cache_size="3MB",
    )
    environment = child_environment(mine)
    assert environment["MASLDATLAS_TEST_DATA"] == "/data"
    assert environment["PATH"] == os.environ["PATH"]
    monkeypatch.setattr(os, "environ", environment)
    theirs = load()
    assert theirs == mine
    assert theirs.cache_redis == "redis://u:pw@cache"
    without = mine.model_copy(update={"cache_redis": None})
    assert "MASLDATLAS_CACHE_REDIS" not in child_environment(without)


def test_numba_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("NUMBA_CACHE_DIR_", "")  # so that monkeypatch restores the environment it changes
    monkeypatch.setattr(os, "environ", dict(os.environ))
    expected = tmp_path / "cache" / "numba" / source_digest()
    assert use_numba_cache(load(data_dir=tmp_path)) == expected
    assert os.environ["NUMBA_CACHE_DIR"] == str(expected)
    os.environ["NUMBA_CACHE_DIR"] = "/elsewhere"
    assert use_numba_cache(load(data_dir=tmp_path)) == Path("/elsewhere")


def test_importing_reads_nothing():
    environment = {**os.environ, "MASLDATLAS_PORT": "nonsense"}
    subprocess.run([sys.executable, "-c", "import core.settings.settings"], env=environment, check=True, timeout=60)
