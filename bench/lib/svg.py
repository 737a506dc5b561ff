"""Panels of lines as plain SVG: one row a figure, one column a condition, one line a contestant."""

import math
from dataclasses import dataclass, field
from html import escape

COLOURS = ("#0b6e99", "#d9730d", "#6940a5", "#448361", "#9f6b53")
_WIDTH, _HEIGHT = 250, 165          # of a panel's plot
_LEFT, _TOP, _GAP_X, _GAP_Y = 78, 104, 28, 62
_INK, _FAINT = "#37352f", "#e3e2e0"
_TICKS = 4


@dataclass
class Panel:
    """lines: {contestant: one value, or None, for each of `marks`}. top: the axis' end, or None for the largest value."""

    title: str
    marks: list
    lines: dict
    unit: str = ""
    logarithmic: bool = False
    top: float = None
    bottom: float = None
    level: tuple = field(default=None)  # (value, what it is), drawn as a dashed line


def _nice(value):
    """The next 1, 2, 2.5 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * 0.999999)


def _scale(row):
    """(low, high, ticks) that all panels of a row share."""
    values = [value for panel in row for line in panel.lines.values() for value in line if value is not None and (value > 0 or not panel.logarithmic)]
    values += [panel.top for panel in row if panel.top] + [panel.level[0] for panel in row if panel.level]
    high = max(values, default=1) or 1
    if row[0].logarithmic:
        low, high = math.floor(math.log10(min(values, default=1))), max(math.ceil(math.log10(high)), math.floor(math.log10(min(values, default=1))) + 1)
        return low, high, [10.0 ** power for power in range(low, high + 1)]
    low = row[0].bottom or 0
    step = _nice((high - low) / _TICKS)
    steps = math.ceil((high - low) / step - 1e-9)
    return low, low + step * steps, [low + step * i for i in range(steps + 1)]


def _text(x, y, text, anchor="start", size=11, colour=_INK, weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}" font-weight="{weight}">{escape(str(text))}</text>'


def _panel(panel, x, y, scale, first, names):
    low, high, ticks = scale
    place = (lambda value: math.log10(value)) if panel.logarithmic else (lambda value: value)
    at_y = lambda value: y + _HEIGHT * (1 - (place(value) - low) / (high - low))
    at_x = lambda index: x + _WIDTH * (index + 0.5) / len(panel.marks)
    out = [_text(x, y - 10, panel.title, weight="bold")]
    for tick in ticks:
        out.append(f'<line x1="{x}" x2="{x + _WIDTH}" y1="{at_y(tick):.1f}" y2="{at_y(tick):.1f}" stroke="{_FAINT}"/>')
        if first:
            out.append(_text(x - 8, at_y(tick) + 4, f"{tick:g}", "end"))
    if panel.level:
        value, what = panel.level
        out.append(f'<line x1="{x}" x2="{x + _WIDTH}" y1="{at_y(value):.1f}" y2="{at_y(value):.1f}" stroke="#9b9a97" stroke-dasharray="4 3"/>')
        out.append(_text(x + _WIDTH, at_y(value) - 4, what, "end", 10, "#787774"))
    for index, mark in enumerate(panel.marks):
        out.append(_text(at_x(index), y + _HEIGHT + 16, mark, "middle"))
    for name, values in panel.lines.items():
        colour = COLOURS[names.index(name) % len(COLOURS)]
        points = [(at_x(i), at_y(value)) for i, value in enumerate(values) if value is not None and (value > 0 or not panel.logarithmic)]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{px:.1f},{py:.1f}" for px, py in points)}"/>')
        out += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in points]
    return out


def draw(title, subtitle, rows, axis):
    """The picture's text. rows: lists of Panels, those of a row with one scale. axis: what the marks are."""
    names = list(dict.fromkeys(name for row in rows for panel in row for name in panel.lines))
    width = _LEFT + max(len(row) for row in rows) * (_WIDTH + _GAP_X) + 10
    height = _TOP + len(rows) * (_HEIGHT + _GAP_Y) + 10
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           'font-family="DejaVu Sans, Helvetica, Arial, sans-serif">', f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
           _text(20, 28, title, size=16, weight="bold"), _text(20, 46, subtitle, colour="#787774")]
    for index, name in enumerate(names):
        out.append(f'<circle cx="{_LEFT + 5 + 90 * index}" cy="62" r="5" fill="{COLOURS[index % len(COLOURS)]}"/>')
        out.append(_text(_LEFT + 15 + 90 * index, 66, name, size=12))
    for down, row in enumerate(rows):
        scale = _scale(row)
        y = _TOP + down * (_HEIGHT + _GAP_Y)
        out.append(f'<text transform="translate(22 {y + _HEIGHT / 2}) rotate(-90)" text-anchor="middle" font-size="11" fill="{_INK}">{escape(row[0].unit)}</text>')
        for across, panel in enumerate(row):
            out += _panel(panel, _LEFT + across * (_WIDTH + _GAP_X), y, scale, across == 0, names)
    out += [_text(_LEFT, height - 12, axis, colour="#787774"), "</svg>"]
    return "\n".join(out) + "\n"
