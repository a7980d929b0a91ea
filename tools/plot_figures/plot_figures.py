#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws figures as PDF or PNG from what `normadd plot` wrote: figures.json and one CSV of points per figure.

Usage: plot_figures.py FOLDER FORMAT... (pdf, png). Nothing is computed here: places, ticks and numbers come from the files.
"""
import csv
import json
import logging
import sys
from pathlib import Path

logging.getLogger("matplotlib").setLevel(logging.ERROR)
import matplotlib  # noqa: E402

matplotlib.use("Agg")
from matplotlib import font_manager, pyplot  # noqa: E402
from matplotlib.patches import Rectangle  # noqa: E402

POINTS_PER_INCH = 72
TICK_SIZE, LABEL_SIZE = 7, 8
MARKER_SIZE = 3.6
SHARE_OF_ROW = 0.86
FRAME = "#333333"
# A reader's CSV module stops at fields of 128 KiB; names may be longer.
csv.field_size_limit(1 << 30)


def set_style():
    installed = {font.name for font in font_manager.fontManager.ttflist}
    wanted = ["Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"]
    matplotlib.rcParams.update({
        "font.family": [name for name in wanted if name in installed],
        "font.size": TICK_SIZE,
        # Names come from data: a dollar sign begins no formula.
        "text.parse_math": False,
        "text.usetex": False,
        "pdf.fonttype": 42,
        "axes.linewidth": 0.6,
        "lines.scale_dashes": False,
        "savefig.dpi": 300,
    })


def number(text):
    return float(text) if text else float("nan")


def dashes(text):
    """As SVG has them, in points."""
    parts = tuple(float(part) for part in text.split())
    return (0, parts) if parts else "-"


class Points:
    """The rows of one series."""

    def __init__(self, rows, drawing, panel):
        names = panel["y"].get("categories")
        x, y = drawing["x_column"], drawing["y_column"]
        self.x = [number(row[x]) for row in rows]
        self.y = [names.index(row[y]) if names else number(row[y]) for row in rows]
        self.x_high = [number(row.get(x + "_high", "")) for row in rows]
        self.heights = [number(row[drawing["bin_column"]]) for row in rows] if drawing["bin_column"] else self.y
        value = x if names else y
        self.low = [number(row.get(value + "_low", "")) for row in rows]
        self.high = [number(row.get(value + "_high", "")) for row in rows]


def draw_intervals(axes, points, series, on_categories, colour):
    for x, y, low, high in zip(points.x, points.y, points.low, points.high):
        if low != low or high != high or (series["kind"] == "bins"):
            continue
        if on_categories:
            across = y + series["shift"]
            axes.errorbar([(low + high) / 2], [across], xerr=[[(high - low) / 2]], fmt="none", ecolor=colour, elinewidth=0.8,
                          capsize=1.5, capthick=0.8)
        else:
            axes.errorbar([x], [(low + high) / 2], yerr=[[(high - low) / 2]], fmt="none", ecolor=colour, elinewidth=0.8,
                          capsize=1.5, capthick=0.8)


def draw_series(axes, points, series, on_categories, highest):
    colour, kind = series["colour"], series["kind"]
    line = {"color": colour, "linewidth": series["width_pt"], "linestyle": dashes(series["dash"]), "clip_on": False}
    shifted = [y + series["shift"] for y in points.y] if on_categories else points.y
    if kind in ("line", "step"):
        axes.plot(points.x, points.y, drawstyle="steps-post" if kind == "step" else "default", **line)
    if kind == "points" or series["shows_markers"]:
        has_intervals = any(low == low for low in points.low)
        draw_intervals(axes, points, series, on_categories, colour)
        axes.plot(points.x, shifted, linestyle="none", marker=series["marker"], markersize=MARKER_SIZE, color=colour,
                  markeredgewidth=0, alpha=1 if has_intervals or kind != "points" else 0.7, clip_on=False, zorder=3)
    elif kind == "bars":
        axes.barh(shifted, points.x, height=series["thickness"], color=colour, zorder=2)
        draw_intervals(axes, points, series, on_categories, "black")
    elif kind == "bins" and points.x:
        edges = points.x + [points.x_high[-1]]
        floor = series["row"] + 0.5 if on_categories else 0
        scale = -SHARE_OF_ROW / highest if on_categories else 1
        tops = [floor + scale * height for height in points.heights]
        if series["filled"]:
            axes.stairs(tops, edges, baseline=floor, fill=True, color=colour, alpha=0.75, linewidth=0)
        else:
            axes.stairs(tops, edges, baseline=floor, color=colour, linewidth=series["width_pt"], linestyle=dashes(series["dash"]))


def draw_guide(axes, guide, panel):
    named = bool(guide["name"])
    style = {"color": "black" if named else "#b0b0b0", "linewidth": 0.8 if named else 0.7, "zorder": 4 if named else 1,
             "linestyle": dashes("3 2" if named else "2 2" if guide["kind"] == "diagonal" else "")}
    if guide["kind"] == "vertical":
        axes.axvline(guide["at"], **style)
    elif guide["kind"] == "horizontal":
        axes.axhline(guide["at"], **style)
    else:
        axes.plot([panel["x"]["low"], panel["y"]["high"]], [panel["y"]["low"], panel["y"]["high"]], **style)


def draw_axes(figure, panel):
    axes = figure.add_axes([panel["left"], panel["bottom"], panel["width"], panel["height"]])
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FRAME)
    axes.set_axisbelow(True)
    axes.tick_params(length=2.5, width=0.6, color=FRAME, labelsize=TICK_SIZE, pad=2)
    x, y = panel["x"], panel["y"]
    axes.set_xlim(x["low"], x["high"])
    axes.set_xticks(x["ticks"], x["tick_texts"] if panel["shows_x_ticks"] else [""] * len(x["ticks"]))
    axes.grid(axis="x", color="#ebebeb", linewidth=0.5)
    if "categories" in y:
        count = len(y["categories"])
        axes.set_ylim(count - 0.5, -0.5)
        axes.set_yticks(range(count), y["category_texts"] if panel["shows_y_ticks"] else [""] * count)
        axes.tick_params(axis="y", length=0)
    else:
        axes.set_ylim(y["low"], y["high"])
        axes.set_yticks(y["ticks"], y["tick_texts"] if panel["shows_y_ticks"] else [""] * len(y["ticks"]))
        axes.grid(axis="y", color="#ebebeb", linewidth=0.5)
    if panel["title"]:
        axes.set_title(panel["title_text"], fontsize=TICK_SIZE, fontweight="bold", pad=3.5)
    return axes


def draw_legend(figure, drawing, width, height):
    """On a sheet in points over the whole figure."""
    sheet = figure.add_axes([0, 0, 1, 1], frameon=False)
    sheet.set_xlim(0, width)
    sheet.set_ylim(height, 0)
    sheet.axis("off")
    for entry in drawing["legend"]:
        left, middle, sign = entry["left_pt"], entry["baseline_pt"] - 2.5, entry["sign_width_pt"]
        series = entry.get("series")
        if series is None:
            sheet.plot([left, left + sign], [middle, middle], color="black", linewidth=0.8, linestyle=dashes("3 2"))
        elif series["kind"] == "bars" or (series["kind"] == "bins" and series["filled"]):
            sheet.add_patch(Rectangle((left + sign / 2 - 5, middle - 2.5), 10, 5, color=series["colour"], linewidth=0))
        else:
            if series["kind"] != "points":
                sheet.plot([left, left + sign], [middle, middle], color=series["colour"], linewidth=max(1.2, series["width_pt"]),
                           linestyle=dashes(series["dash"]))
            if series["kind"] == "points" or series["shows_markers"]:
                sheet.plot([left + sign / 2], [middle], marker=series["marker"], markersize=MARKER_SIZE, color=series["colour"],
                           markeredgewidth=0)
        sheet.text(left + sign + 3, entry["baseline_pt"], entry["words"], fontsize=TICK_SIZE, va="baseline")
    for label in drawing["labels"]:
        sheet.text(label["x_pt"], label["y_pt"], label["words"], fontsize=LABEL_SIZE, ha="center", va="baseline",
                   rotation=90 if label["upright"] else 0, rotation_mode="anchor")


def draw(folder, entry, formats):
    drawing = entry["drawing"]
    with open(folder / (entry["name"] + ".csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    figure = pyplot.figure(figsize=(drawing["width_in"], drawing["height_in"]))
    next_row = 0
    for panel in drawing["panels"]:
        axes = draw_axes(figure, panel)
        on_categories = "categories" in panel["y"]
        drawn = []
        for series in panel["series"]:
            drawn.append((series, Points(rows[next_row:next_row + series["points"]], drawing, panel)))
            next_row += series["points"]
        highest = {}
        for series, points in drawn:
            if series["kind"] == "bins":
                highest[series["row"]] = max([highest.get(series["row"], 0)] + points.heights)
        for series, points in drawn:
            draw_series(axes, points, series, on_categories, highest.get(series["row"]) or 1)
        for guide in panel["guides"]:
            draw_guide(axes, guide, panel)
            next_row += 1 if guide["name"] else 0
    if next_row != len(rows):
        sys.exit(f"{entry['name']}.csv has {len(rows)} points, figures.json speaks of {next_row}: write both anew with normadd plot")
    draw_legend(figure, drawing, drawing["width_in"] * POINTS_PER_INCH, drawing["height_in"] * POINTS_PER_INCH)
    for kind in formats:
        # Without a date, equal figures have equal bytes.
        figure.savefig(folder / f"{entry['name']}.{kind}", metadata={"CreationDate": None} if kind == "pdf" else None)
    pyplot.close(figure)


def main():
    if len(sys.argv) < 3 or not set(sys.argv[2:]) <= {"pdf", "png"}:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    set_style()
    for entry in json.loads((folder / "figures.json").read_text(encoding="utf-8"))["figures"]:
        draw(folder, entry, sys.argv[2:])


if __name__ == "__main__":
    main()
