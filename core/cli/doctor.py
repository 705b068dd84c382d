"""``masldatlas doctor``: checks of the installation."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click
import orjson

from core.cli.context import Context

SIGNS = {"ok": ("✓", "green"), "note": ("!", "yellow"), "wrong": ("✗", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(context: Context, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Check this installation.

    Exit code 0: no errors, though there may be notes. 1: an error was found. 2: the settings are invalid.
    """
    from core.cli.doctor_checks import examine
    from core.web.headers import strict_fault
    from core.web.static_files import STRICT_PLOTLY

    settings = context.settings
    fault = strict_fault(STRICT_PLOTLY)
    findings = []
    for finding in examine(settings, fault):
        findings.append(finding)
        if not as_json:
            sign, color = SIGNS[finding.level]
            click.echo(f"{click.style(sign, fg=color)} {finding.what:<10} {finding.said}")
            if finding.remedy:
                click.echo(f"  {'':<10} {finding.remedy}")
            sys.stdout.flush()
    wrong = [finding for finding in findings if finding.level == "wrong"]
    if as_json:
        body = {"wrong": len(wrong), "findings": [asdict(finding) for finding in findings]}
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
    return 1 if wrong else 0
