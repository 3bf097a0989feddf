"""`replicanary sim` as any S3 client meets it: its port, its description, its control calls."""

import json
import urllib.parse

from .case import BINARY, RingCase
from .ends import client
from .ports import free_ports
from .waiting import Hopeless, wait_until
from .web import Answer, call


class Simulator:
    """A simulated AWS for all tests of a class."""

    def __init__(self, case: type[RingCase], world: str, *options: object) -> None:
        port = free_ports()
        self.url = f"http://127.0.0.1:{port}"
        command = [BINARY, "sim", "--listen", f"127.0.0.1:{port}", "--world", world, "--seed", 7, *options]
        self.child = case.start_for_class(f"sim-{world}", command)
        self.world = wait_until("the simulator describes its world", 15, self.describe)
        self.keys = {a["id"]: (a["access_key_id"], a["secret_access_key"]) for a in self.world["accounts"]}
        self.buckets = {bucket["name"]: bucket for bucket in self.world["buckets"]}

    def describe(self) -> dict:
        """What it says of its world now."""
        if not self.child.is_alive():
            raise Hopeless(f"the simulator ended: {self.child.log.read_text()[-2000:]}")
        return call(f"{self.url}/_sim/world").json()

    def client(self, service: str, account: str, region: str, **options):
        """A boto3 client with the keys of an account's root."""
        return client(service, self.url, region, *self.keys[account], **options)

    def s3_of(self, bucket: str, **options):
        """An S3 client of the bucket's own account and Region."""
        return self.client("s3", self.buckets[bucket]["account"], self.buckets[bucket]["region"], **options)

    def fault(self, route: str, fault: str, on: bool = True, **more: object) -> Answer:
        """Sets or clears a scripted fault."""
        return call(f"{self.url}/_sim/faults", {"route": route, "fault": fault, "on": on, **more})

    def routes_with(self, fault: str) -> list[str]:
        """The routes that have a fault now."""
        listed = call(f"{self.url}/_sim/faults").json()["faults"]
        return next(row["routes"] for row in listed if row["name"] == fault)

    def truth(self, bucket: str, key: str, version: str) -> dict:
        """What really happened to a version."""
        query = urllib.parse.urlencode({"bucket": bucket, "key": key, "version_id": version})
        answer = call(f"{self.url}/_sim/truth?{query}")
        assert answer.status == 200, answer
        return answer.json()


# The set-up of the cross-account tutorial, with the figures that a test may want to change left open.
def bucket_encryption(key_arn: str) -> dict:
    """Default encryption under a KMS key, with a Bucket Key."""
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}


def trust(principal: dict, condition: dict | None = None) -> str:
    """A trust policy for one principal."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def replication(role: str, bucket: str, account: str, key_arn: str) -> dict:
    """One rule: objects under `replicanary/`, KMS-encrypted ones too, to one bucket of another account."""
    destination = {
        "Bucket": f"arn:aws:s3:::{bucket}",
        "Account": account,
        "AccessControlTranslation": {"Owner": "Destination"},
        "EncryptionConfiguration": {"ReplicaKmsKeyID": key_arn},
        "Metrics": {"Status": "Enabled"},
    }
    rule = {
        "ID": "canaries",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": "replicanary/"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": destination,
    }
    return {"Role": role, "Rules": [rule]}


def current_status(s3, bucket: str, key: str, version: str) -> str | None:
    """The replication status of a version; None where S3 sends none."""
    return s3.head_object(Bucket=bucket, Key=key, VersionId=version).get("ReplicationStatus")
