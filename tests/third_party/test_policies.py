"""The printed policies against two readers that no one here wrote: parliament, a linter of IAM policies, and Terraform."""

import json
import shutil
import unittest
from pathlib import Path

from ring.case import BINARY, RingCase

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "config" / "replicanary.yaml"

# Policies of resources name principals and know no account: parliament reads the statements all the same.
HARMLESS = {"RESOURCE_STAR"}

# What the annotated configuration takes from its environment.
VARIABLES = {"EXTERNAL_ID": "shared-secret", "ARCHIVE_ACCESS_KEY_ID": "key", "ARCHIVE_SECRET_ACCESS_KEY": "secret"}


class Policies(RingCase):
    """What `replicanary policies` prints for the annotated configuration."""

    def printed(self, *more: str) -> str:
        """Its standard output."""
        done = self.run_to_end([BINARY, "policies", "--config", CONFIGURATION, *more], env=VARIABLES)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_parliament_finds_nothing(self) -> None:
        from parliament import analyze_policy_string

        printed = self.printed("--format", "json").replace("::ACCOUNT:", "::111111111111:")  # to be filled in
        documents = json.loads(printed)
        self.assertTrue(documents)
        for name, document in documents.items():
            if "trust" in name:
                continue  # parliament knows no trust policies
            for statement in document["Statement"]:
                statement.pop("Principal", None)
            findings = analyze_policy_string(json.dumps(document)).findings
            grave = [str(finding) for finding in findings if finding.issue not in HARMLESS]
            self.assertEqual(grave, [], name)

    def test_terraform_has_nothing_to_format(self) -> None:
        if shutil.which("terraform") is None:
            raise unittest.SkipTest("terraform is not installed")
        path = self.directory / "policies.tf"
        path.write_text(self.printed("--format", "terraform"))
        done = self.run_to_end(["terraform", "fmt", "-check", "-diff", str(path)])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
