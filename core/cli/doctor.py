"""``masldatlas doctor``: what is right and wrong, on one screen."""

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
    """Say what is right and wrong with this installation.

    Exit code 0: nothing is wrong, though some things may be worth a look. 1: something is wrong. 2: the settings cannot
    be understood.
    """
    from core.cli.doctor_checks import examine
    from core.web.headers import strict_fault
    from core.web.static_files import STRICT_PLOTLY

    settings = context.settings
    fault = strict_fault(STRICT_PLOTLY)
    findings = []
    for found in examine(settings, fault):
        findings.append(found)
        if not as_json:
            sign, colour = SIGNS[found.level]
            click.echo(f"{click.style(sign, fg=colour)} {found.what:<10} {found.said}")
            if found.remedy:
                click.echo(f"  {'':<10} {found.remedy}")
            sys.stdout.flush()
    wrong = [found for found in findings if found.level == "wrong"]
    if as_json:
        body = {"wrong": len(wrong), "findings": [asdict(found) for found in findings]}
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
    return 1 if wrong else 0
