"""Images by their digests: named by tag in the files, pinned in ``.env`` by ``pin-images.sh`` before a deployment."""

import re
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = [*sorted(DEPLOY.glob("docker-compose*.yml")), DEPLOY / "Dockerfile"]
VARIABLE = re.compile(r"\$\{(\w+_IMAGE):-([^}]+)\}")
OWN = "MASLDATLAS_IMAGE"


def variables():
    """Return the variable of each image of the files, but for the one that is built."""
    found = {name for path in FILES for name, _ in VARIABLE.findall(path.read_text("utf-8"))}
    return found - {OWN}


def pinned(root):
    return dict(re.findall(r"^(\w+_IMAGE)=(.+@sha256:[0-9a-f]{64})$", (root / "env").read_text(), re.MULTILINE))


def test_each_image_line_has_a_digest_or_a_variable_that_the_script_fills():
    lines = [(path, line) for path in FILES for line in path.read_text("utf-8").splitlines()]
    images = [(path, line) for path, line in lines if re.match(r"\s*image:|FROM ", line)]
    assert len(images) > 12
    stages = {line.split()[-1] for _, line in images if " AS " in line}
    for path, line in images:
        name = re.search(r"\$\{(\w+_IMAGE)\b", line)
        assert "@sha256:" in line or name or line.split()[-1] in stages, f"{path.name}: {line.strip()}"
    arguments = set(re.findall(r"^ARG (\w+_IMAGE)=", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE))
    assert arguments <= variables(), "the compose files hand the images of the Dockerfile over"


def test_the_files_say_so():
    naming = [path for path in FILES if re.search(r"^\s*image:|^FROM ", path.read_text("utf-8"), re.MULTILINE)]
    assert len(naming) >= 4
    for path in naming:
        head = path.read_text("utf-8").partition("services:")[0]
        assert "pin-images.sh" in head, path.name
        assert "digests" in head


def test_every_image_is_pinned(run, root):
    (root / "env").chmod(0o600)
    before = (root / "env").read_text()
    done = run("pin-images", "--check")
    assert done.returncode == 1
    assert (root / "env").read_text() == before
    done = run("pin-images")
    assert done.returncode == 0, done.stderr
    assert set(pinned(root)) == variables()
    assert pinned(root)["TRAEFIK_IMAGE"].startswith("traefik:v3.")
    assert before.strip() in (root / "env").read_text()
    assert (root / "env").stat().st_mode & 0o777 == 0o600
    assert run("pin-images", "--check").returncode == 0
    calls = (root / "calls").read_text().count("docker pull")
    assert run("pin-images").returncode == 0
    assert (root / "calls").read_text().count("docker pull") == calls, "what has a digest keeps it"
    assert run("pin-images", "--refresh").returncode == 0
    assert (root / "env").read_text().count("REDIS_IMAGE=") == 1


def test_an_image_that_is_not_there_stops_the_deployment(run, root):
    done = run("deploy-prod-ultra", "--skip-smoke", "--wait", 20, ABSENT="grafana/grafana:12.4.0")
    assert done.returncode == 1
    assert "grafana/grafana:12.4.0 cannot be pulled" in done.stderr
    assert "what runs was not touched" in done.stderr
    assert "docker build" not in (root / "calls").read_text()
    done = run("deploy-prod-ultra", "--skip-smoke", "--wait", 20, "--unpinned", ABSENT="grafana/grafana:12.4.0")
    assert done.returncode == 0, done.stderr


def test_a_deployment_builds_with_the_digests(run, root):
    assert run("deploy-prod-ultra", "--skip-smoke", "--wait", 20).returncode == 0
    assert re.search(r"PYTHON_IMAGE=python:3\.11-slim-bookworm@sha256:\w{64}", (root / "calls").read_text())
