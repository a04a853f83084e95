"""A line for people that knows its parts, so that another language can say it: a template and its values.

Made wherever a document or a setting is at fault; kiosk.ui.staff says it to staff in their own language.
Pure values: touches nothing.
"""

from collections.abc import Mapping, Sequence


class Told(str):
    """The line in English, as any text; `template` and `values` are what it was made of."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]


def told(template: str, /, **values: object) -> Told:
    """Make a line; `{name}` in the template becomes a value, which may itself be a line that was told."""
    made = Told(template.format(**values))
    made.template, made.values = template, values
    return made


def retold(line: object, templates: Mapping[str, str]) -> str:
    """Say a line by other templates, each known by its English one; what has none stays as it is."""
    if not isinstance(line, Told):
        return str(line)
    values = {name: retold(value, templates) for name, value in line.values.items()}
    return templates.get(line.template, line.template).format(**values)


def either(names: Sequence[str]) -> str:
    """Write `a, b or c`."""
    *before, last = names
    return told("{before} or {last}", before=", ".join(before), last=last) if before else last
