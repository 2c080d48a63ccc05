"""Dashboard and alert file use only metrics and labels that this device publishes."""

import json
import re
from pathlib import Path

import pytest

from webmanager.web.metrics.table import METRICS

FOLDER = Path(__file__).parents[4] / "docs" / "monitoring"
PUBLIC = {metric.public: metric for metric in METRICS.values()}
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text())
ALERTS = (FOLDER / "prometheus-alerts.yml").read_text()


def queries() -> list[str]:
    """Every query of both files."""
    shown = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    shown += [one["query"]["query"] for one in DASHBOARD["templating"]["list"] if isinstance(one["query"], dict)]
    return shown + re.findall(r"expr: (.+)", ALERTS)


@pytest.mark.parametrize("query", queries())
def test_a_query_asks_for_metrics_there_are(query: str) -> None:
    names = re.findall(r"webmanager_\w+", query)
    assert names
    assert set(names) <= set(PUBLIC)
    for name, labels in re.findall(r"(webmanager_\w+)\{([^}]*)\}", query):
        asked = set(re.findall(r"(\w+)=", labels)) - {"instance"}
        assert asked <= set(PUBLIC[name].labels)


@pytest.mark.parametrize("query", queries())
def test_counters_are_shown_as_rates(query: str) -> None:
    for name in re.findall(r"webmanager_\w+_total", query):
        assert re.search(rf"(rate|increase)\({name}", query), query


def test_legends_name_labels_there_are() -> None:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            found = re.search(r"webmanager_\w+", target["expr"])
            assert found
            labels = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert labels <= set(PUBLIC[found[0]].labels), panel["title"]


def test_panels_lie_beside_each_other_and_have_names() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells


def test_every_rule_says_what_is_wrong() -> None:
    assert ALERTS.count("- alert:") == ALERTS.count("summary:") == ALERTS.count("labels: {severity:")
