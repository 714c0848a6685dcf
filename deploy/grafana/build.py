"""Builds the dashboard: `python deploy/grafana/build.py` writes dashboards/nightdesk.json.

Comes in: the rows of `rows.py`.  Goes out: the JSON that Grafana is provisioned with.  A test holds the
file to this script.  Needs grafana-foundation-sdk (the extra `dev`).
"""

from __future__ import annotations

import sys
from pathlib import Path

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    GridPos,
    Threshold,
    ThresholdsMode,
)
from rows import ROWS, Panel

OUT = Path(__file__).parent / "dashboards" / "nightdesk.json"
SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
WIDTH = 24


def build() -> str:
    """Return the dashboard as JSON text."""
    board = (
        dashboard.Dashboard("Nightdesk")
        .uid("nightdesk")
        .description("What the wires bring, what is made of it, and whether people are told.")
        .tags(["nightdesk"])
        .timezone("utc")
        .refresh("30s")
        .time("now-6h", "now")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
    )
    y = 0
    for title, panels in ROWS.items():
        board = board.with_row(dashboard.Row(title).grid_pos(GridPos(h=1, w=WIDTH, x=0, y=y)))
        y, x, height = y + 1, 0, 0
        for panel in panels:
            if x + panel.width > WIDTH:
                x, y = 0, y + height
            height = 4 if panel.kind == "number" else 8
            place = GridPos(h=height, w=panel.width, x=x, y=y)
            board = board.with_panel(_build(panel).grid_pos(place))
            x += panel.width
        y += height
    return JSONEncoder(sort_keys=True, indent=2).encode(board.build()) + "\n"


def _lines() -> timeseries.Panel:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).show_legend(True)
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING)
    legend = legend.placement(LegendPlacement.BOTTOM).calcs([])
    return timeseries.Panel().fill_opacity(8).min(0).legend(legend).tooltip(tooltip)


def _build(panel: Panel) -> stat.Panel | timeseries.Panel:
    made: stat.Panel | timeseries.Panel = (
        stat.Panel().graph_mode(BigValueGraphMode.NONE).no_value("0")
        if panel.kind == "number"
        else _lines()
    )
    made = made.title(panel.title).description(panel.question).unit(panel.unit).datasource(SOURCE)
    if panel.kind == "number":
        steps = [Threshold(value=None, color="green")]
        if panel.bad_from is not None:
            steps.append(Threshold(value=panel.bad_from, color="red"))
        made = made.thresholds(
            dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
        )
    for letter, query in zip("ABCDEF", panel.queries, strict=False):
        target = prometheus.Dataquery().ref_id(letter).expr(query.expr).datasource(SOURCE)
        if panel.kind == "number":
            target = target.instant()
        made = made.with_target(target.legend_format(query.legend) if query.legend else target)
    return made


if __name__ == "__main__":
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(build(), encoding="utf-8")
    sys.stdout.write(f"{OUT}\n")
