"""A stand-in for the stack, on which an operator's scripts run without an engine; see ``_stack.py``."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "deploy" / "scripts"


@pytest.fixture
def root(tmp_path):
    """Return the directory of a stand-in stack, with an .env and the commands docker and docker-compose."""
    (tmp_path / "env").write_text("DOMAIN=masld.lab.test\nACME_EMAIL=web@lab.test\n")
    for kind in ("compose", "docker"):
        command = tmp_path / f"stand-in-{kind}"
        command.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -I -S "{Path(__file__).parent / "_stack.py"}" {kind} "$@"\n'
        )
        command.chmod(0o755)
    return tmp_path


@pytest.fixture
def run(root):
    """Return a function that runs a script on the stand-in stack."""

    def running(script, *arguments, **variables):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(root), "STACK_ROOT": str(root), "ENV_FILE": str(root / "env"),
            "SECRETS_DIR": str(root / "secrets"), "DOCKER": str(root / "stand-in-docker"), "MIN_FREE_GB": "0",
            "COMPOSE": str(root / "stand-in-compose"), "DEPLOY_AS_USER": "yes", "POLL_SECONDS": "0.05",
            "REAL_REDIS_CLI": shutil.which("redis-cli") or "", **variables,
        }  # fmt: skip
        return subprocess.run(
            [str(SCRIPTS / f"{script}.sh"), *map(str, arguments)],
            env=environment, capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return running
