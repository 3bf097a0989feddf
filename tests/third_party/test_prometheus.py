"""Prometheus itself scrapes the demo for a minute; promtool checks the page."""

import shutil
import time
import unittest
import urllib.parse

from ring.case import BINARY, RingCase
from ring.dashboards import expressions, render
from ring.ports import free_ports
from ring.waiting import wait_until
from ring.web import call

MINUTE = 60
CONFIGURATION = """
global: {{ scrape_interval: 1s, scrape_timeout: 1s, external_labels: {{}} }}
scrape_configs:
  - job_name: replicanary
    static_configs: [{{ targets: ["127.0.0.1:{port}"] }}]
"""
SERIES = (
    "replicanary_build_info",
    "replicanary_route_info",
    "replicanary_route_state",
    "replicanary_canary_writes_total",
    "replicanary_canary_verdicts_total",
    "replicanary_canary_lag_seconds_bucket",
    "replicanary_canary_lag_resolution_seconds",
    "replicanary_canaries_pending",
    "replicanary_canary_last_success_timestamp_seconds",
    "replicanary_lag_objective_seconds",
    "replicanary_canary_interval_seconds",
    "replicanary_aws_requests_total",
    "replicanary_aws_request_duration_seconds_count",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
)


class PrometheusScrape(RingCase):
    """The demo, and a Prometheus with nothing but that target."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for tool in ("prometheus", "promtool"):
            if not shutil.which(tool):
                raise unittest.SkipTest(f"{tool} is not installed (apt: prometheus)")
        port, web = free_ports(), free_ports()
        cls.demo, cls.prometheus = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{web}"
        cls.config = cls.directory / "prometheus.yml"
        cls.config.write_text(CONFIGURATION.format(port=port))
        cls.start_for_class("demo", [BINARY, "demo", "--listen", f"127.0.0.1:{port}", "--seed", 7])
        wait_until("the demo answers", 10, lambda: call(f"{cls.demo}/metrics").status == 200)
        storage = f"--storage.tsdb.path={cls.directory / 'tsdb'}"
        listen = f"--web.listen-address=127.0.0.1:{web}"
        cls.start_for_class("prometheus", ["prometheus", f"--config.file={cls.config}", storage, listen])
        wait_until("Prometheus is ready", 30, lambda: call(f"{cls.prometheus}/-/ready").status == 200)

    def query(self, expression: str) -> list[dict]:
        """The vector that an expression yields now."""
        answer = call(f"{self.prometheus}/api/v1/query?{urllib.parse.urlencode({'query': expression})}").json()
        self.assertEqual(answer["status"], "success", answer)
        return answer["data"]["result"]

    def value(self, expression: str) -> float:
        """The one number that an expression yields now."""
        (sample,) = self.query(expression)
        return float(sample["value"][1])

    def test_a_minute_of_scrapes_is_clean(self) -> None:
        began = time.monotonic()
        wait_until("a minute of samples", MINUTE + 15, lambda: self.value("count_over_time(up[5m])") >= MINUTE)
        self.assertGreater(time.monotonic() - began, MINUTE / 2, "the samples were taken now")
        self.assertEqual(self.value("min_over_time(up[5m])"), 1, "every scrape succeeded")
        (target,) = call(f"{self.prometheus}/api/v1/targets").json()["data"]["activeTargets"]
        self.assertEqual((target["health"], target["lastError"]), ("up", ""))
        for name in SERIES:
            with self.subTest(series=name):
                self.assertGreater(len(self.query(name)), 0)
        states = self.query("count by (state) (replicanary_route_state == 1)")
        self.assertGreaterEqual(len(states), 4, "healthy, and broken in at least three different ways")
        self.assertGreater(self.value("sum(increase(replicanary_canary_verdicts_total[1m]))"), 0)
        quantile = "max(histogram_quantile(0.5, sum by (le) (rate(replicanary_canary_lag_seconds_bucket[1m]))))"
        self.assertGreater(self.value(quantile), 0)
        self.no_sample_was_refused()
        self.every_panel_shows_something()

    def every_panel_shows_something(self) -> None:
        """Each expression of the dashboards yields data, as Grafana would ask it."""
        for dashboard in render().values():
            for title, expression in expressions(dashboard):
                with self.subTest(panel=title):
                    self.assertGreater(len(self.query(expression)), 0, expression)

    def no_sample_was_refused(self) -> None:
        """Prometheus' own counters: duplicates, bad timestamps, limits."""
        page = call(f"{self.prometheus}/metrics").text.splitlines()
        refused = [
            line
            for line in page
            if line.startswith("prometheus_target_scrape")
            and any(word in line for word in ("duplicate", "out_of_order", "out_of_bounds", "exceeded"))
        ]
        self.assertTrue(refused, "Prometheus has such counters")
        self.assertEqual([line for line in refused if not line.endswith(" 0")], [])

    def test_promtool_finds_nothing_in_the_page(self) -> None:
        page = call(f"{self.demo}/metrics")
        self.assertEqual(page.headers["content-type"].split(";")[0], "text/plain")
        done = self.run_to_end(["promtool", "check", "metrics"], text=page.text)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        checked = self.run_to_end(["promtool", "check", "config", self.config])
        self.assertEqual(checked.returncode, 0, checked.stderr)
