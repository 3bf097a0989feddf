"""The Grafana dashboards of deploy/grafana: rendered from their source, with their expressions as Grafana sends them."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import rjsonnet

GRAFANA = Path(__file__).resolve().parents[3] / "deploy" / "grafana"
VARIABLES = {"$__rate_interval": "1m", "$job": ".+", "$instance": ".+", "$route": ".+", "$destination": ".+"}


def evaluate(snippet: str) -> dict:
    """What a piece of jsonnet yields beside the mixin."""
    here = Path.cwd()
    os.chdir(GRAFANA)
    try:
        return json.loads(rjsonnet.evaluate_snippet("snippet", snippet))
    finally:
        os.chdir(here)


def render() -> dict[str, dict]:
    """Every dashboard by its file's name, from the source."""
    return evaluate('(import "mixin.libsonnet").grafanaDashboards')


def panels(dashboard: dict) -> list[dict]:
    """Every panel that shows something."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions(dashboard: dict) -> Iterator[tuple[str, str]]:
    """Title and expression of every target, with the variables filled in as Grafana does for `All`."""
    for panel in panels(dashboard):
        for target in panel["targets"]:
            text = re.sub(r"\$\w+", lambda name: VARIABLES[name[0]], target["expr"])
            yield f"{dashboard['title']}: {panel['title']}", text


if __name__ == "__main__":  # python -m ring.dashboards: writes what Grafana imports
    for name, dashboard in render().items():
        (GRAFANA / "rendered" / name).write_text(json.dumps(dashboard, indent=2) + "\n")
