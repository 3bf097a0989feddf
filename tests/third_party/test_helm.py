"""The Helm chart, rendered by Helm over several value files and validated against the Kubernetes API's schemas."""

import unittest
from pathlib import Path

import kubernetes_validate
import yaml
from helm_python import Chart, HelmError
from helm_python.chart import lint

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "kubernetes" / "helm" / "replicanary"
CONFIG = {"instance": "test", "routes": [{"name": "orders"}]}
EVERYTHING = {
    "config": CONFIG,
    "fullnameOverride": "canaries",
    "commonLabels": {"team": "storage"},
    "env": [{"name": "EXTERNAL_ID", "valueFrom": {"secretKeyRef": {"name": "replicanary", "key": "external-id"}}}],
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::111111111111:role/replicanary"}},
    "podDisruptionBudget": {"enabled": True},
    "networkPolicy": {"enabled": True, "from": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "prometheusRule": {"enabled": True, "disabledAlerts": ["ReplicanaryConfigDrift"]},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "image": {"digest": f"sha256:{'0' * 64}"},
}
CUSTOM = {"ServiceMonitor", "PrometheusRule"}


class Helm(unittest.TestCase):
    """Nothing here needs a cluster."""

    def render(self, values: dict) -> dict[str, dict]:
        """Every manifest by its kind; what Kubernetes itself knows is valid in its own eyes."""
        with Chart.load(CHART) as chart:
            rendered = chart.render(values=values, name="watch", namespace="monitoring")
        manifests = {}
        for text in rendered.values():
            for manifest in yaml.safe_load_all(text):
                if isinstance(manifest, dict):
                    manifests[manifest["kind"]] = manifest
        for kind, manifest in manifests.items():
            if kind not in CUSTOM:
                kubernetes_validate.validate(manifest, "1.31", strict=True)
        return manifests

    def test_lint_finds_nothing(self) -> None:
        found = lint(CHART)
        self.assertEqual([one for one in found.get("messages", []) if "icon" not in str(one)], [])

    def test_the_defaults_are_a_locked_down_deployment_with_its_configuration(self) -> None:
        manifests = self.render({"config": CONFIG})
        self.assertEqual(set(manifests), {"ConfigMap", "Deployment", "Service", "ServiceAccount"})
        deployment = manifests["Deployment"]["spec"]
        self.assertEqual((deployment["replicas"], deployment["strategy"]["type"]), (1, "Recreate"))
        pod = deployment["template"]["spec"]
        container = pod["containers"][0]
        self.assertTrue(pod["securityContext"]["runAsNonRoot"])
        self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])
        self.assertEqual(container["securityContext"]["capabilities"], {"drop": ["ALL"]})
        self.assertGreater(pod["terminationGracePeriodSeconds"], 30)
        config = yaml.safe_load(manifests["ConfigMap"]["data"]["replicanary.yaml"])
        self.assertEqual(config, {**CONFIG, "listen": "0.0.0.0:9977"})

    def test_everything_switched_on(self) -> None:
        manifests = self.render(EVERYTHING)
        self.assertEqual(set(manifests) & CUSTOM, CUSTOM)
        self.assertEqual({manifest["metadata"]["labels"]["team"] for manifest in manifests.values()}, {"storage"})
        self.assertTrue({"PodDisruptionBudget", "NetworkPolicy"} <= set(manifests))
        image = manifests["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"]
        self.assertIn("@sha256:", image)

    def test_the_rules_are_those_that_are_tested_but_for_the_disabled_ones(self) -> None:
        shipped = yaml.safe_load((ROOT / "deploy/prometheus/replicanary.rules.yaml").read_text())["groups"]
        rendered = self.render(EVERYTHING)["PrometheusRule"]["spec"]["groups"]
        for group in shipped:
            group["rules"] = [rule for rule in group["rules"] if rule.get("alert") != "ReplicanaryConfigDrift"]
        self.assertEqual(rendered, shipped)

    def test_a_config_map_of_ones_own_is_mounted_instead(self) -> None:
        manifests = self.render({"existingConfigMap": "mine"})
        self.assertNotIn("ConfigMap", manifests)
        volume = manifests["Deployment"]["spec"]["template"]["spec"]["volumes"][0]
        self.assertEqual(volume["configMap"]["name"], "mine")

    def test_a_changed_configuration_restarts_the_monitor(self) -> None:
        def checksum(values: dict) -> str:
            return self.render(values)["Deployment"]["spec"]["template"]["metadata"]["annotations"]["checksum/config"]

        self.assertNotEqual(checksum({"config": CONFIG}), checksum({"config": {**CONFIG, "instance": "other"}}))

    def test_wrong_values_are_refused(self) -> None:
        for values in ({"replicas": 2}, {"service": {"port": "http"}}, {"image": {"digest": "latest"}}):
            with self.assertRaises(HelmError, msg=values):
                self.render(values)
