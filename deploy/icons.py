"""The kiosk's icons as one SVG for head office's pages: the same lines, so a choice looks the same on both.

Run as `python -m deploy.icons` when kiosk/ui/shapes.py changes; tests/rules/test_docs.py compares.
May write `headoffice/web/templates/icons.svg`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from kiosk.ui.ink import Point
from kiosk.ui.shapes import ICON_GRID, ICONS, SIGNS, Curve, Dot, Fill, Line, Marks, Ring

FILE = Path(__file__).parents[1] / "headoffice/web/templates/icons.svg"
WIDTH = 4.0  # what the stylesheet draws lines with; others say so
SHOWN = ("up", "down", "copy", "bin", "undo", "plus", "tree", "alert", "check")


def sprite() -> str:
    """Every icon of an option, and the few signs of the editor's buttons, as symbols."""
    drawn = [_symbol(f"icon-{name}", marks) for name, marks in ICONS.items()]
    drawn += [_symbol(f"sign-{name}", SIGNS[name]) for name in SHOWN]
    return "\n".join(['<svg class="defs" aria-hidden="true" focusable="false">', *drawn, "</svg>", ""])


def _symbol(name: str, marks: Marks) -> str:
    return f'  <symbol id="{name}" viewBox="0 0 {ICON_GRID} {ICON_GRID}">{"".join(_drawn(marks))}</symbol>'


def _drawn(marks: Marks) -> Iterator[str]:
    for mark in marks:
        match mark:
            case Dot(centre=(x, y), radius=radius):
                yield f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'
            case Ring(centre=(x, y), radius=radius, width=width):
                yield f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}"{_width(width)}/>'
            case Fill(points=points, radius=radius):
                yield f'<path class="dot" d="{_path(points)}Z"{_width(2 * radius)}/>'
            case Line(points=points, width=width) | Curve(points=points, width=width):
                drawn = f"{_path(points[:-1])}Z" if points[0] == points[-1] else _path(points)
                yield f'<path d="{drawn}"{_width(width)}/>'


def _width(width: float) -> str:
    return "" if width == WIDTH else f' stroke-width="{width:g}"'


def _path(points: Sequence[Point]) -> str:
    written = [f"{round(x, 1):g} {round(y, 1):g}" for x, y in points]
    return "M" + "L".join(written)


if __name__ == "__main__":
    FILE.write_text(sprite(), "utf-8")
    print(FILE)
