"""The Grafana dashboards: rendered JSON is what the source gives, and holds to the rules of the field's linter."""

import json
import unittest

import promql_parser
import yaml

from ring.dashboards import GRAFANA, evaluate, expressions, panels, render

UNITS = {"short", "s", "ops", "reqps", "none"}


class Dashboards(unittest.TestCase):
    """Nothing here needs a Grafana."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.dashboards = render()

    def each(self):
        """Every dashboard, as a sub-test."""
        for name, dashboard in self.dashboards.items():
            with self.subTest(dashboard=name):
                yield name, dashboard

    def test_what_is_imported_is_what_the_source_gives(self) -> None:
        self.assertEqual(set(self.dashboards), {path.name for path in (GRAFANA / "rendered").glob("*.json")})
        for name, dashboard in self.each():
            rendered = json.loads((GRAFANA / "rendered" / name).read_text())
            self.assertEqual(rendered, dashboard, "write it again: python -m ring.dashboards")

    def test_every_panel_has_a_title_a_description_a_unit_and_a_place(self) -> None:
        for _, dashboard in self.each():
            self.assertGreater(len(panels(dashboard)), 8)
            ids = [panel["id"] for panel in dashboard["panels"]]
            self.assertEqual(len(ids), len(set(ids)))
            for panel in panels(dashboard):
                self.assertTrue(panel["title"] and panel["description"].endswith("."), panel["title"])
                self.assertIn(panel["fieldConfig"]["defaults"]["unit"], UNITS, panel["title"])
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], 24)

    def test_the_data_source_the_job_and_the_instance_are_variables(self) -> None:
        for _, dashboard in self.each():
            variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
            self.assertEqual(variables["datasource"]["type"], "datasource")
            self.assertTrue({"job", "instance"} <= set(variables))
            text = json.dumps(dashboard)
            for panel in panels(dashboard):
                self.assertEqual(panel["datasource"]["uid"], "${datasource}")
                for target in panel["targets"]:
                    self.assertIn('job=~"$job"', target["expr"])
            for name in set(variables) - {"datasource"}:
                self.assertIn(f"${name}", text)

    def test_every_expression_parses_and_rates_follow_the_scrape_interval(self) -> None:
        for _, dashboard in self.each():
            for title, expression in expressions(dashboard):
                promql_parser.parse(expression)
            for panel in panels(dashboard):
                for target in panel["targets"]:
                    if "rate(" in target["expr"] and "[1h]" not in target["expr"]:
                        self.assertIn("$__rate_interval", target["expr"], panel["title"])

    def test_the_mixin_splits_the_rules_without_losing_any(self) -> None:
        hidden = "prometheusAlerts: m.prometheusAlerts, prometheusRules: m.prometheusRules"
        mixin = evaluate(f'local m = import "mixin.libsonnet"; {{ {hidden} }}')
        shipped = yaml.safe_load((GRAFANA / "../prometheus/replicanary.rules.yaml").read_text())["groups"]
        rules = [rule for group in shipped for rule in group["rules"]]
        parts = [mixin["prometheusAlerts"], mixin["prometheusRules"]]
        split = [rule for part in parts for group in part["groups"] for rule in group["rules"]]
        self.assertEqual(len(split), len(rules))
