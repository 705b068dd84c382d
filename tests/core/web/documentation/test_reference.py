"""Generated chapters compared with click, the operations and the settings."""

import click
import pytest
from click.testing import CliRunner

from core.web.documentation import reference


def group():
    @click.group(help="All of it.")
    def program():
        pass

    @program.command()
    @click.argument("file")
    @click.option("--top", type=click.IntRange(1), default=5, show_default=True, help="So many <rows>, at *most*.")
    @click.option("--secret", hidden=True, help="Not for people.")
    def run(file, top, secret):
        """Run FILE.

        Twice.
        """

    @program.command(hidden=True)
    def internal():
        """Not for people."""

    program.add_command(click.Group("nested", help="More.", commands=[click.Command("leaf", help="A leaf.")]))
    return program


def test_commands_have_headings_usage_and_options():
    text = reference.commands(group())
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## `masldatlas`",
        "## `masldatlas nested`",
        "## `masldatlas nested leaf`",
        "## `masldatlas run`",
    ]
    assert "Run FILE.\n\nTwice." in text
    assert "```text\nmasldatlas run [OPTIONS] FILE\n```" in text
    assert "- `--top INTEGER RANGE`: So many \\<rows>, at \\*most\\*.  \\[default: 5; x>=1]" in text
    assert "Not for people" not in text


def test_commands_are_as_they_were_once_they_are_described():
    program = group()
    program.context_settings = {"help_option_names": ["-h", "--help"]}
    reference.commands(program)
    answer = CliRunner().invoke(program, ["run", "-h"])
    assert answer.exit_code == 0
    assert "-h, --help" in answer.output


def test_operations_have_parameters_with_their_limits():
    text = reference.operations()
    assert text.startswith("## Parameters that select cells\n\n- `where`: ")
    route = text.split("## `/api/v1/datasets/<species>/<name>/correlations`")[1].split("\n## ")[0]
    assert "Answers `json`, `csv`, `columns`." in route
    assert "- `gene` (required): " in route
    assert "- `method` (`spearman` or `pearson`): " in route
    assert "- `format` (`json`, `csv`, `columns`, default `json`): " in route
    assert "- `where` `range` `expr` `lasso` `exclude`, to select cells; each may be repeated." in route
    assert "`limit` (1 to 1,000, default 20)" in text
    assert "`application/pdf`" in text.split("## `/api/v1/figures/<file>`")[1].split("\n## ")[0]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("MASLDATLAS_PORT", ["Port to listen on.", "- Default: `8050`.", "- Value: a whole number from 0 to 65535"]),
        ("MASLDATLAS_CACHE_SIZE", ["- Default: `512MB`."]),
        ("MASLDATLAS_SECURE_MODE", ["- Default: `false`.", "- Value: true or false."]),
        ("MASLDATLAS_ORTHOLOGS", ["- Default: not set."]),
        ("MASLDATLAS_EMBED_ALLOWED_ORIGINS", ["- Default: not set.", "`https://lab.example.org` or `http://localhost:80`"]),
    ],
)  # fmt: skip
def test_settings_have_meaning_default_and_value(name, lines):
    text = reference.settings().split(f"## `{name}`")[1].split("\n## ")[0]
    assert [line for line in lines if line not in text] == []


def test_no_secret_and_no_path_of_this_machine_is_shown():
    text = reference.settings()
    assert "anybody-may-know" not in text
    assert "- Default: the data directory of the user" in text
