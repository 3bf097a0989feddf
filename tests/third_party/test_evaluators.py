"""The simulated AWS's `SimulateCustomPolicy` against ministack's, on the same random policies and requests.

ministack takes nothing of a call but the policies, the actions and one resource; the condition keys of its requests are
its own and known (AMBIENT), so conditions are compared on these, and on keys that neither side has. EXPLAINED lists all
that it reads otherwise than AWS: each row rewrites a call into what ministack makes of it, and has a call that shows
it. A disagreement that the rewriting does not settle fails the test, and so does a row that no longer holds.
"""

import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ring.case import RingCase
from ring.ends import client
from ring.ports import free_ports
from ring.simulator import Simulator
from ring.waiting import wait_until
from ring.web import call

ACCOUNT, REGION = "111111111111", "us-east-1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SEED = int(os.environ.get("EVALUATORS_SEED", "7"))
CASES = int(os.environ.get("EVALUATORS_CASES", "600"))
ACTIONS = ["s3:GetObject", "s3:ReplicateObject", "kms:Decrypt", "sts:AssumeRole"]
ACTION_PATTERNS = ["*", "s3:*", "s3:Get*", "S3:getobject", "s3:Replicate?bject", "kms:*", "sts:*"]
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"
RESOURCES = ["arn:aws:s3:::orders/a", f"arn:aws:s3:::orders/{ACCOUNT}/a", KEY]
RESOURCE_PATTERNS = ["*", "arn:aws:s3:::orders/*", "arn:aws:s3:::*/a", f"arn:aws:kms:*:{ACCOUNT}:key/*"]
VARIABLE = "arn:aws:s3:::orders/${aws:PrincipalAccount}/*"
# Kind, and value in each request that ministack simulates; its clock is right, but 2025 and 2090 are far from both.
AMBIENT = {
    "aws:PrincipalType": ("string", "User"),
    "aws:RequestedRegion": ("string", REGION),
    "aws:PrincipalAccount": ("numeric", ACCOUNT),
    "aws:CurrentTime": ("date", "2030-01-01T00:00:00Z"),
    "aws:EpochTime": ("numeric", "1893456000"),
    "aws:SecureTransport": ("boolean", "false"),
    "aws:SourceIp": ("ip", "127.0.0.1"),
    "aws:PrincipalArn": ("string", ROOT),
}
# For each family of operators the keys, those of tests being absent, and the values that conditions want.
FAMILIES = {
    "String": (["aws:PrincipalType", "aws:RequestedRegion", "test:name"], ["User", "user", "U*r", "us-????-1", "bob"]),
    "Numeric": (["aws:PrincipalAccount", "aws:EpochTime", "test:count"], [ACCOUNT, f"{ACCOUNT}.0", "-1", "1735689600"]),
    "Date": (["aws:CurrentTime", "test:when"], ["2025-01-01T00:00:00Z", "2090-06-01T12:00:00+02:00", "1735689600"]),
    "Bool": (["aws:SecureTransport", "test:flag"], ["true", "false", "False"]),
    "Ip": (["aws:SourceIp", "test:from"], ["127.0.0.1", "127.0.0.0/8", "10.1.2.3", "2001:db8::/32"]),
    "Arn": (["aws:PrincipalArn", "test:arn"], [ROOT, "arn:aws:iam::*:root", "arn:*:root", "arn:aws:s3:::orders"]),
}
ORDERS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
TEXTS = ["Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"]
OPERATORS = {
    "String": [f"String{name}" for name in TEXTS],
    "Numeric": [f"Numeric{order}" for order in ORDERS],
    "Date": [f"Date{order}" for order in ORDERS],
    "Bool": ["Bool"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Arn": ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
}


def some(rng: random.Random, words: list[str], most: int) -> list[str]:
    return rng.sample(words, rng.randint(1, most))


def condition(rng: random.Random) -> dict:
    family = rng.choice(list(FAMILIES))
    keys, values = FAMILIES[family]
    key = rng.choice(keys)
    if rng.random() < 0.1:
        return {"Null": {key: rng.choice(["true", "false"])}}
    prefix = rng.choice(["", "", "", "", "ForAllValues:", "ForAnyValue:"])
    suffix = rng.choice(["", "", "IfExists"])
    return {f"{prefix}{rng.choice(OPERATORS[family])}{suffix}": {key: some(rng, values, 2)}}


def statement(rng: random.Random) -> dict:
    action, resource = (f"{rng.choice(['', '', '', '', 'Not'])}{name}" for name in ("Action", "Resource"))
    made = {
        "Effect": rng.choice(["Allow", "Allow", "Deny"]),
        action: some(rng, ACTION_PATTERNS, 3),
        resource: some(rng, RESOURCE_PATTERNS, 2) + ([VARIABLE] if rng.random() < 0.1 else []),
    }
    return made | ({"Condition": condition(rng)} if rng.random() < 0.7 else {})


def entry(key: str, kind: str, value: str) -> dict:
    return {"ContextKeyName": key, "ContextKeyType": kind, "ContextKeyValues": [value]}


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def asked(*statements: dict, **more: object) -> dict:
    """The arguments of one call, about an object unless told otherwise."""
    usual = {"ActionNames": ["s3:GetObject"], "ResourceArns": RESOURCES[:1], "ContextEntries": []}
    return {"PolicyInputList": [document(*statements)], **usual, **more}


def random_call(rng: random.Random) -> dict:
    statements = [statement(rng) for _ in range(rng.randint(1, 3))]
    made = asked(*statements, ActionNames=[rng.choice(ACTIONS)], ResourceArns=[rng.choice(RESOURCES)])
    if rng.random() < 0.2:
        made["PolicyInputList"].append(document(statement(rng)))
    if rng.random() < 0.1:
        made["PermissionsBoundaryPolicyInputList"] = [document(statement(rng), statement(rng))]
    if rng.random() < 0.1:
        made["ContextEntries"] = [entry("test:name", "string", rng.choice(["bob", "User"]))]
    return made


def without_boundary(made: dict) -> dict:
    return {name: value for name, value in made.items() if name != "PermissionsBoundaryPolicyInputList"}


def without_context(made: dict) -> dict:
    return made | {"ContextEntries": []}


def on_statements(change: Callable[[dict], dict]) -> Callable[[dict], dict]:
    """Rewrites each statement of the policies of a call."""

    def rewrite(made: dict) -> dict:
        documents = [json.loads(text) for text in made["PolicyInputList"]]
        return made | {"PolicyInputList": [document(*map(change, parsed["Statement"])) for parsed in documents]}

    return rewrite


def without_variables(statement: dict) -> dict:
    """With `${` as nothing but characters."""
    return json.loads(json.dumps(statement).replace("${", "${$}{"))


def without_any_value_if_exists(statement: dict) -> dict:
    """Without `ForAnyValue:...IfExists` on keys that are absent."""

    def holds(operator: str, keys: dict) -> bool:
        return re.fullmatch("ForAnyValue:.*IfExists", operator) is not None and not AMBIENT.keys() & keys.keys()

    conditions = statement.get("Condition", {}).items()
    return statement | {"Condition": {name: keys for name, keys in conditions if not holds(name, keys)}}


def with_arns_as_texts(statement: dict) -> dict:
    """With `StringLike` for each comparison of ARNs."""

    def renamed(operator: str) -> str:
        return re.sub(r"\bArn(Not)?(?:Like|Equals)", r"String\1Like", operator)

    conditions = statement.get("Condition", {}).items()
    return statement | {"Condition": {renamed(name): keys for name, keys in conditions}}


@dataclass(frozen=True)
class Explained:
    """A reading of ministack that is not AWS's."""

    name: str
    aws: str
    as_ministack: Callable[[dict], dict]
    shown_by: dict
    by_aws: str
    by_ministack: str


ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
EXPLAINED = [
    Explained(
        "PermissionsBoundaryPolicyInputList is not read",
        "what no boundary allows is denied (IAM User Guide, Permissions boundaries for IAM entities)",
        without_boundary,
        asked(ALLOW, PermissionsBoundaryPolicyInputList=[document(ALLOW | {"Action": "kms:*"})]),
        "implicitDeny",
        "allowed",
    ),
    Explained(
        "ContextEntries are not read",
        "they are the condition keys of the simulated request (IAM API Reference, SimulateCustomPolicy)",
        without_context,
        asked(
            ALLOW | {"Condition": {"StringEquals": {"test:name": "bob"}}},
            ContextEntries=[entry("test:name", "string", "bob")],
        ),
        "allowed",
        "implicitDeny",
    ),
    Explained(
        "policy variables are nothing but characters",
        "they stand for the value of the key (IAM User Guide, IAM policy elements: Variables and tags)",
        on_statements(without_variables),
        asked(ALLOW | {"Resource": VARIABLE}, ResourceArns=[f"arn:aws:s3:::orders/{ACCOUNT}/a"]),
        "allowed",
        "implicitDeny",
    ),
    Explained(
        "ForAnyValue with IfExists holds where the key is absent",
        "ForAnyValue does not hold without a value (IAM User Guide, Single-valued vs. multivalued context keys), and "
        "...IfExists does not change that: AWS was seen to refuse ListQueues under ForAnyValue:StringEqualsIfExists on "
        "aws:TagKeys (re:Post, ForAnyValue:StringEqualsIfExists behaving unexpectedly)",
        on_statements(without_any_value_if_exists),
        asked(ALLOW | {"Condition": {"ForAnyValue:StringEqualsIfExists": {"test:name": ["bob"]}}}),
        "implicitDeny",
        "allowed",
    ),
    Explained(
        "wildcards in ARNs of conditions reach across colons",
        "each of the six parts of an ARN is compared by itself (IAM User Guide, ARN condition operators)",
        on_statements(with_arns_as_texts),
        asked(ALLOW | {"Condition": {"ArnLike": {"aws:PrincipalArn": ["arn:*:root"]}}}),
        "implicitDeny",
        "allowed",
    ),
]


def as_ministack(made: dict) -> dict:
    """What ministack makes of a call, all rows together."""
    for row in EXPLAINED:
        made = row.as_ministack(made)
    return made


class Evaluators(RingCase):
    """One simulator and one ministack, asked the same."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.iam = Simulator(cls, "empty").client("iam", ACCOUNT, REGION)
        port = free_ports()
        command = [sys.executable, "-m", "hypercorn", "ministack.app:app", "-b", f"127.0.0.1:{port}"]
        env = {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "AUTH": "true"}
        cls.start_for_class("ministack", command, env)
        url = f"http://127.0.0.1:{port}"
        wait_until("ministack answers", 30, lambda: call(f"{url}/_ministack/health").status == 200)
        cls.ministack_iam = client("iam", url, REGION, ACCOUNT, "test")

    def by_simulator(self, made: dict) -> str:
        """Its decision, given the keys that ministack has of itself."""
        ambient = [entry(key, kind, value) for key, (kind, value) in AMBIENT.items()]
        return self.decision(self.iam, made | {"ContextEntries": made["ContextEntries"] + ambient})

    def by_ministack(self, made: dict) -> str:
        return self.decision(self.ministack_iam, made)

    @staticmethod
    def decision(iam, made: dict) -> str:
        [result] = iam.simulate_custom_policy(**made)["EvaluationResults"]
        return result["EvalDecision"]

    def test_random_policies_are_decided_alike(self) -> None:
        print(f"EVALUATORS_SEED={SEED} EVALUATORS_CASES={CASES}")
        rng = random.Random(SEED)
        agreed, explained, unexplained = Counter(), 0, []
        for _ in range(CASES):
            made = random_call(rng)
            ours, theirs = self.by_simulator(made), self.by_ministack(made)
            if ours == theirs:
                agreed[ours] += 1
            elif self.by_simulator(as_ministack(made)) == theirs:
                explained += 1
            else:
                unexplained.append(f"{ours}, ministack {theirs}: {json.dumps(made)}")
        print(f"agreed on {dict(agreed)}, explained {explained}")
        self.assertEqual(unexplained, [], f"{len(unexplained)} of {CASES}")
        self.assertGreaterEqual(agreed.total(), CASES * 5 // 6, agreed)
        for kind in ("allowed", "explicitDeny", "implicitDeny"):
            self.assertGreaterEqual(agreed[kind], CASES * 0.1, agreed)

    def test_what_is_explained_is_still_so(self) -> None:
        for row in EXPLAINED:
            with self.subTest(row.name):
                seen = self.by_simulator(row.shown_by), self.by_ministack(row.shown_by)
                self.assertEqual(seen, (row.by_aws, row.by_ministack), row.aws)
                self.assertEqual(self.by_simulator(row.as_ministack(row.shown_by)), row.by_ministack)
