"""How many answers were visible how long after the end of their job, drawn as SVG."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 300, 50, 40, 40
FIRST, LAST = 0.01, 2.0  # seconds; the axis is logarithmic
_COLOURS = ("#0f766e", "#b45309", "#64748b")
_MARKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


def draw(groups: Mapping[str, Sequence[float]]) -> str:
    """Draw one line for each group: the share of its answers that were visible by then."""
    parts = [*_grid()]
    for number, (name, values) in enumerate(groups.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in _steps(sorted(values)))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(_text(LEFT + 220 * number, 18, name, colour=colour))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _x(seconds: float) -> float:
    part = math.log(min(max(seconds, FIRST), LAST) / FIRST) / math.log(LAST / FIRST)
    return LEFT + part * (WIDTH - LEFT - 20)


def _y(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def _steps(values: Sequence[float]) -> Iterator[tuple[float, float]]:
    yield _x(FIRST), _y(0)
    for count, value in enumerate(values):
        yield _x(value), _y(count / len(values))
        yield _x(value), _y((count + 1) / len(values))
    yield _x(LAST), _y(1)


def _grid() -> Iterator[str]:
    for seconds in _MARKS:
        x, name = (
            _x(seconds),
            f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1000:g} ms",
        )
        yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e2e8f0"/>'
        yield _text(x, HEIGHT - BOTTOM + 18, name, anchor="middle")
    for share in (0, 0.25, 0.5, 0.75, 0.95):
        y = _y(share)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - 20}" stroke="#e2e8f0"/>'
        yield _text(LEFT - 6, y + 4, f"{share:.0%}", anchor="end")
    yield _text(WIDTH - 20, HEIGHT - 6, "after the end of the job", anchor="end")


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", colour: str = "#475569"
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {place}>{escape(words)}</text>"
