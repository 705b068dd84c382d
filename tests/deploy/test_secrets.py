"""``secrets.sh``: created once, derived for each service, and refused if weak."""

import json
import stat
import subprocess

import pytest

MADE = {
    *("app_secret_key", "redis_cache_password", "redis_broker_password", "grafana_admin_password", "traefik_password"),
    *("redis_cache_url", "redis_cache_auth", "redis_broker_url", "redis_broker_auth"),
    *("redis_exporter_passwords", "traefik_users", "alert_smtp_password"),
    *("access_value", "traefik_access_value", "access_password", "access_users"),
}


def contents(directory):
    return {path.name: path.read_text() for path in directory.iterdir()}


def test_secrets_are_made_once(run, root):
    first = run("secrets")
    assert first.returncode == 0, first.stderr
    made = contents(root / "secrets")
    assert set(made) == MADE
    assert {stat.S_IMODE(path.stat().st_mode) for path in (root / "secrets").iterdir()} == {0o600}
    for name, value in made.items():
        assert name == "alert_smtp_password" or len(value) >= 32
        assert not value.strip() or value.strip() not in first.stdout + first.stderr
    assert len({made[name] for name in MADE if name.endswith(("_password", "_key"))}) == 7, "each is another"
    assert made["redis_cache_url"] == f"redis://:{made['redis_cache_password']}@redis-cache:6379/0"
    assert made["redis_broker_auth"] == f"requirepass {made['redis_broker_password']}\n"
    assert json.loads(made["redis_exporter_passwords"])["redis://redis-broker:6379"] == made["redis_broker_password"]
    user, _, digest = made["traefik_users"].strip().partition(":")
    salt = digest.split("$")[2]
    said = subprocess.run(
        ["openssl", "passwd", "-apr1", "-salt", salt, made["traefik_password"]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (user, digest) == ("operations", said.stdout.strip())

    again = run("secrets")
    assert again.returncode == 0
    assert "made" not in again.stdout
    assert contents(root / "secrets") == made
    assert run("secrets", "--check").returncode == 0


def test_what_the_app_is_given_it_can_read(run, root, monkeypatch):
    from core.settings.settings import load

    assert run("secrets").returncode == 0
    for field, name in (
        ("SECRET_KEY", "app_secret_key"),
        ("ACCESS_VALUE", "access_value"),
        ("CACHE_REDIS", "redis_cache_url"),
    ):
        monkeypatch.setenv(f"MASLDATLAS_{field}_FILE", str(root / "secrets" / name))
    found = load(env="production", trusted_proxies=1)
    assert len(found.access_value.get_secret_value()) == 64
    assert len(found.secret_key.get_secret_value()) == 64
    assert found.cache_redis.endswith("@redis-cache:6379/0")


def test_a_changed_password_reaches_whoever_needs_it(run, root):
    assert run("secrets").returncode == 0
    before = contents(root / "secrets")
    (root / "secrets" / "redis_cache_password").unlink()
    assert run("secrets").returncode == 0
    after = contents(root / "secrets")
    assert {name for name in MADE if before[name] != after[name]} == {
        "redis_cache_password", "redis_cache_url", "redis_cache_auth", "redis_exporter_passwords"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("short", "it has 5 characters"),
        ("a" * 40, "only 1 different"),
        ("abababababababababababababababababab", "only 2 different"),
        ("my-Password-0123456789-zyxwvutsrqponm", "well-known word"),
        ("changeme-changeme-0123456789-qrstuvwx", "well-known word"),
        ("with spaces 0123456789 zyxwvutsrqponmlk", "other characters"),
        ('quote"0123456789zyxwvutsrqponmlkjihgfed', "other characters"),
        ("", "missing or empty"),
    ],
)
def test_a_weak_secret_is_refused(run, root, value, words):
    (root / "secrets").mkdir()
    (root / "secrets" / "grafana_admin_password").write_text(value)
    refused = run("secrets")
    assert refused.returncode == 1
    assert words in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert not value or value not in refused.stderr
    assert (root / "secrets" / "grafana_admin_password").read_text() == value, "it is the operator's to change"


def test_check_makes_nothing(run, root):
    assert run("secrets", "--check").returncode == 1
    assert not (root / "secrets").exists()
