"""Generated chapters: commands from click, the API from `OPERATIONS`, settings from `Settings`.

Each public function returns Markdown, with a heading of level 2 for each command, route and setting.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, Final, cast

import click

from core.settings.settings import Settings, variable
from core.web.api.openapi import DESCRIPTIONS, PLACEHOLDER
from core.web.api.operations import OPERATIONS
from core.web.api.parameters import SELECTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from core.web.api.operations import Operation, Schema

PROGRAM: Final = "masldatlas"
_MARKUP: Final = re.compile(r"[\\<*\[~$]")
_ADDRESS: Final = re.compile(r"\w+(?:://|@)[^\s,;]+")
SELECTING: Final = " ".join(f"`{name}`" for name in SELECTION)
# Defaults that depend on the machine or must not be printed.
DEFAULTS: Final = {
    "data_dir": "the data directory of the user, as the operating system names it",
    "cache_size": "`512MB`",
    "secret_key": "a well-known one, which `production` refuses",
}


def commands(group: click.Group) -> str:
    """Describe every command of the command line that is not hidden."""
    context = _context(group, PROGRAM)
    return "\n\n".join(_commands(group, context))


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    """Make the context that click itself would make: a command keeps the names of its help option from the first."""
    return click.Context(command, info_name=name, parent=parent, **command.context_settings)  # pyright: ignore[reportArgumentType] - click's own


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    yield _command(command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _commands(below, _context(below, name, context))


def _command(command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"## `{context.command_path}`", inspect.cleandoc(command.help or "")]
    lines.append(f"```text\n{context.command_path} {usage}\n```")
    options = [_option(each, context) for each in command.params if isinstance(each, click.Option) and not each.hidden]
    return "\n\n".join([*lines, "\n".join(options)]).rstrip()


def _option(option: click.Option, context: click.Context) -> str:
    """Describe an option on one line, with names, values and default as in the help of click."""
    record = option.get_help_record(context)
    names, description = record or (", ".join(option.opts), "")
    return f"- `{names}`: {_text(description)}" if description else f"- `{names}`"


def operations() -> str:
    """Describe every route of the API with its parameters, preceded by the shared parameters that select cells."""
    selection = "\n".join(f"- `{name}`: {_text(DESCRIPTIONS[name])}." for name in SELECTION)
    shared = f"## Parameters that select cells\n\n{selection}"
    return "\n\n".join([shared, *(_operation(each) for each in OPERATIONS)])


def _operation(operation: Operation) -> str:
    lines = [f"## `{operation.rule}`", f"{operation.summary}."]
    names = [*PLACEHOLDER.findall(operation.rule), *operation.parameters]
    parameters = [_parameter(operation, name) for name in names if not (operation.selects and name in SELECTION)]
    if operation.selects:
        parameters.append(f"- {SELECTING}, to select cells; each may be repeated.")
    if operation.page:
        parameters.append(f"- the parameters of the page: {_lower(DESCRIPTIONS['page'])}.")
    if operation.media:
        lines.append(f"Answers {', '.join(f'`{kind}`' for kind in operation.media)}.")
    elif len(operation.formats) > 1:
        lines.append(f"Answers {', '.join(f'`{form}`' for form in operation.formats)}.")
    return "\n\n".join([*lines, "\n".join(parameters)]).rstrip()


def _parameter(operation: Operation, name: str) -> str:
    marks = ["required"] if name in operation.needs else []
    marks += _limits(operation.own.get(name, {}))
    if name == "format":
        marks += [*(f"`{form}`" for form in operation.formats), "default `json`"]
    limits = f" ({', '.join(marks)})" if marks else ""
    return f"- `{name}`{limits}: {_text(DESCRIPTIONS[name])}."


def _limits(schema: Schema) -> list[str]:
    """List the limits in the schema of a parameter, without enumerations too long for a sentence."""
    found: list[str] = []
    values = cast("list[str]", schema.get("enum", []))
    if 0 < len(values) <= 8:  # noqa: PLR2004 - longer lists are only in openapi.json
        found += [" or ".join(f"`{value}`" for value in values)]
    for part in cast("list[Schema]", schema.get("anyOf", [])):
        found += _limits(part)
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        found.append(f"{low:,} to {high:,}")
    if "default" in schema:
        default = schema["default"]
        found.append(f"default `{default}`" if isinstance(default, str) else f"default {default:,}")
    return found


def settings() -> str:
    """Describe every setting: meaning, default and valid values."""
    return "\n\n".join(_setting(name, each) for name, each in Settings.model_fields.items())


def _setting(name: str, field: FieldInfo) -> str:
    return (
        f"## `{variable(name)}`\n\n{field.title}.\n\n"
        f"- Default: {DEFAULTS.get(name) or _default(field)}.\n- Value: {_text(field.description or '')}."
    )


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default()
    if value is None or value == ():
        return "not set"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _text(plain: str) -> str:
    """Escape plain text for Markdown, and format example addresses as code so that they are not links."""
    escaped = _MARKUP.sub(r"\\\g<0>", plain)
    return _ADDRESS.sub(r"`\g<0>`", escaped).rstrip(".")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
