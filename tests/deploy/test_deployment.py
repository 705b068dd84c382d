"""``deploy-prod-ultra.sh`` and its rollback, ``status.sh``, ``flush-cache.sh``."""

import json
import re

import pytest


def calls(root):
    path = root / "calls"
    return path.read_text() if path.exists() else ""


def contents(directory):
    return {path.name: path.read_text() for path in directory.iterdir()}


def images(root):
    path = root / "images.json"
    return json.loads(path.read_text()) if path.exists() else {}


def deploy(run, *options, seconds=20, **variables):
    return run("deploy-prod-ultra", "--skip-smoke", "--wait", seconds, *options, **variables)


def test_deployed_twice(run, root):
    for turn in (1, 2):
        done = deploy(run, BUILDS=f"good{turn}")
        assert done.returncode == 0, done.stderr
        assert "https://masld.lab.test" in done.stdout
        assert "https://dashboard.masld.lab.test" in done.stdout
    assert images(root)["masldatlas:current"] == "good2"
    assert images(root)["masldatlas:previous"] == "good1"
    for value in contents(root / "secrets").values():
        assert not value.strip() or value.strip() not in done.stdout + done.stderr
    assert "prod-ultra.yml" in calls(root)


def test_the_standard_stack(run, root):
    done = deploy(run, "--standard")
    assert done.returncode == 0, done.stderr
    assert "prod-ultra.yml" not in calls(root)
    assert "dashboard.masld" not in done.stdout


def test_back_to_the_image_before(run, root):
    assert deploy(run, BUILDS="good1").returncode == 0
    # What goes back has as long as what failed.
    done = deploy(run, BUILDS="bad", seconds=2)
    assert done.returncode == 1
    assert "not healthy after 2 s" in done.stderr
    assert done.stderr.rstrip().endswith("the new image did not become healthy; the one before runs again")
    assert images(root)["masldatlas:current"] == "good1"
    assert json.loads((root / "running.json").read_text())["image"] == "good1"


def test_nothing_to_go_back_to(run, root):
    done = deploy(run, BUILDS="bad", seconds=1)
    assert done.returncode == 1
    assert "there was none before" in done.stderr


def test_a_failed_build_touches_nothing(run, root):
    assert deploy(run, BUILDS="good1").returncode == 0
    before = (root / "running.json").read_text()
    done = deploy(run, BUILDS="fails")
    assert done.returncode == 1
    assert "what runs was not touched" in done.stderr
    assert images(root)["masldatlas:current"] == "good1"
    assert (root / "running.json").read_text() == before


@pytest.mark.parametrize(
    ("env", "words"),
    [
        (None, "copy deploy/.env.example to it"),
        ("DOMAIN=masld.lab.test\n", "ACME_EMAIL is not set"),
        ("DOMAIN=masld.example.org\nACME_EMAIL=web@lab.test\n", "DOMAIN in"),
    ],
)
def test_what_is_missing_is_said_first(run, root, env, words):
    (root / "env").unlink() if env is None else (root / "env").write_text(env)
    done = deploy(run)
    assert done.returncode == 2
    assert words in done.stderr
    assert not (root / "secrets").exists()
    assert "build" not in calls(root)


def test_a_weak_secret_stops_it(run, root):
    (root / "secrets").mkdir()
    (root / "secrets" / "traefik_password").write_text("admin")
    done = deploy(run)
    assert done.returncode == 1
    assert "traefik_password is weak" in done.stderr
    assert "build" not in calls(root)


def test_check_changes_nothing(run, root):
    assert deploy(run, "--check").returncode == 0
    assert not (root / "secrets").exists()
    assert "build" not in calls(root)


def test_status(run, root):
    assert deploy(run, BUILDS="good").returncode == 0
    good = run("status")
    assert good.returncode == 0, good.stderr
    assert re.search(r"^app +running +healthy +0 +1GiB / 2GiB, 3%$", good.stdout, re.MULTILINE)
    assert "app      ready" in good.stdout
    (root / "running.json").write_text('{"image": "bad"}')
    bad = run("status")
    assert bad.returncode == 1
    assert "unhealthy" in bad.stdout


def test_flush(run, root):
    done = run("flush-cache", "human/liver")
    assert done.returncode == 0
    assert done.stdout == "stand-in: masldatlas cache flush human/liver\n"
    assert run("flush-cache", "a", "b").returncode == 2
    assert run("flush-cache", "human/none", APP_CODE="2").returncode == 2
    assert "does not run" in run("flush-cache", APP_CODE="1").stderr
