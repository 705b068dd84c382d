"""Commands on the data directory of a test module."""

import pytest

from core.cli import main


@pytest.fixture
def run(data, capfd):
    """Return a function that runs a command on `data`: exit code, stdout and stderr."""

    def run(*arguments):
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            main(["--data-dir", str(data), *arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return caught.value.code, out, err

    return run
