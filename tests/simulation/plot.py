"""The plot beside docs/scale.md: how late changes come, by how many there are. It only draws."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pygal
from pygal.style import Style

#: Dark on white, whatever the page around it is like.
_STYLE = Style(
    background="#ffffff",
    plot_background="#ffffff",
    foreground="#222222",
    foreground_strong="#111111",
    foreground_subtle="#777777",
    colors=("#1b6ca8", "#6fb1de", "#c0392b", "#eb9a8f"),
    font_family="sans-serif",
    title_font_size=17,
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=13,
    guide_stroke_color="#cccccc",
    major_guide_stroke_color="#cccccc",
)
_HOUR_S = 3600
_TICKS_H = (0.25, 0.5, 1, 2, 4, 8, 12, 24, 48)

Line = Sequence[tuple[float, float]]


def draw(lines: Mapping[str, Line], path: Path) -> None:
    """Lines of (changes a day, seconds until 95 % of them are in the books), by name."""
    chart = pygal.XY(
        style=_STYLE,
        logarithmic=True,
        width=900,
        height=480,
        js=[],  # plain SVG: no script in a document
        title="Until 95 % of the changes are in the books: 100 projects, one organisation",
        x_title="changes a day",
        y_title="hours",
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        show_x_guides=True,
        truncate_legend=-1,
        dots_size=3,
        x_labels=sorted({x for line in lines.values() for x, _ in line}),
        x_value_formatter=lambda value: f"{value:,.0f}",
        value_formatter=lambda value: f"{value:g}",
        y_labels=_TICKS_H,
        disable_xml_declaration=True,
    )
    chart.uuid = "scale"  # the same file for the same figures
    for name, line in lines.items():
        chart.add(name, [(x, y / _HOUR_S) for x, y in line], stroke_style={"width": 2.5})
    drawn = re.sub(r"<!--.*?-->", "", chart.render(is_unicode=True))  # they tell the day
    path.write_text(drawn + "\n", encoding="utf-8")
