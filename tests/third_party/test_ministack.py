"""The daemon on ministack, which replicates at once but wrongly: new version ids, and the source's KMS key."""

import json
import re
import sys
import time
from datetime import datetime, timezone

from ring.case import BINARY, RingCase
from ring.daemon import Daemon
from ring.ends import client
from ring.ports import free_ports
from ring.simulator import bucket_encryption, replication, trust
from ring.waiting import wait_until
from ring.web import call

# ministack takes any twelve digits for an access key of the account of that number.
SOURCE, REPLICA = ("111111111111", "ap-south-1"), ("222222222222", "us-east-1")


class Ministack(RingCase):
    """A cross-account set-up in which every replica is under another version id and another key than it should."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        port = free_ports()
        cls.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "hypercorn", "ministack.app:app", "-b", f"127.0.0.1:{port}"]
        env = {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "AUTH": "true"}
        cls.start_for_class("ministack", command, env)
        wait_until("ministack answers", 30, lambda: call(f"{cls.url}/_ministack/health").status == 200)
        cls.source, cls.replica = cls.client("s3", SOURCE), cls.client("s3", REPLICA)
        cls.build()

    @classmethod
    def client(cls, service: str, side: tuple[str, str]):
        """A boto3 client of one side."""
        account, region = side
        return client(service, cls.url, region, account, "test")

    @classmethod
    def build(cls) -> None:
        """Two accounts, two Regions, two keys, and a rule with the bucket policy that it needs."""
        location = {"LocationConstraint": SOURCE[1]}
        cls.source.create_bucket(Bucket="orders-source", CreateBucketConfiguration=location)
        cls.replica.create_bucket(Bucket="orders-replica")
        cls.source_key = cls.client("kms", SOURCE).create_key()["KeyMetadata"]["Arn"]
        cls.replica_key = cls.client("kms", REPLICA).create_key()["KeyMetadata"]["Arn"]
        for s3, bucket, key in (
            (cls.source, "orders-source", cls.source_key),
            (cls.replica, "orders-replica", cls.replica_key),
        ):
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=bucket_encryption(key))
        document = trust({"Service": "s3.amazonaws.com"})
        iam = cls.client("iam", SOURCE)
        role = iam.create_role(RoleName="replication", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        grant = {
            "Effect": "Allow",
            "Principal": {"AWS": role},
            "Action": ["s3:ReplicateObject", "s3:ObjectOwnerOverrideToBucketOwner"],
            "Resource": "arn:aws:s3:::orders-replica/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [grant]}
        cls.replica.put_bucket_policy(Bucket="orders-replica", Policy=json.dumps(policy))
        configuration = replication(role, "orders-replica", REPLICA[0], cls.replica_key)
        cls.source.put_bucket_replication(Bucket="orders-source", ReplicationConfiguration=configuration)

    def routes(self, source: str = "", route: str = "") -> str:
        """The one route, with more keys for its source or for itself; each side expects its own key."""

        def side(bucket: str, where: tuple[str, str], key: str, more: str = "") -> str:
            account, region = where
            return (
                f'{{ bucket: {bucket}, region: {region}, account: "{account}", endpoint_url: {self.url}, '
                f'path_style: true, access_key_id: "{account}", secret_access_key: test, kms_key: "{key}"{more} }}'
            )

        return f"""routes:
  - name: orders
    source: {side("orders-source", SOURCE, self.source_key, source)}
    destinations:
      - {side("orders-replica", REPLICA, self.replica_key)}
    canary: {{ prefix: "replicanary/", interval: 2s, objective: 5s, deadline: 30s, abandon_after: 5m }}
    settle: 0s
{route}"""

    def assert_wrong_version_and_key(self, report: dict) -> None:
        """The report says exactly what ministack does differently, with what was expected and what was seen."""
        self.assertEqual(report["verdict"], "mismatched", report)
        mismatches = {mismatch["what"]: mismatch for mismatch in report["mismatches"]}
        self.assertEqual(set(mismatches), {"version", "kms_key"}, report["mismatches"])
        self.assertEqual(mismatches["version"]["expected"], report["version_id"])
        self.assertNotEqual(mismatches["version"]["seen"], report["version_id"])
        self.assertEqual(mismatches["kms_key"]["expected"], self.replica_key)
        self.assertEqual(mismatches["kms_key"]["seen"], self.source_key)

    def assert_nothing_left(self) -> None:
        """Replicas are removed by the version id that they were found under, not by the one they should have."""

        def left() -> list:
            found = []
            for s3, bucket in ((self.source, "orders-source"), (self.replica, "orders-replica")):
                listed = s3.list_object_versions(Bucket=bucket)
                found += listed.get("Versions", []) + listed.get("DeleteMarkers", [])
            return found

        wait_until("nothing is left on either side", 10, left, lambda found: not found)

    def test_one_probe_reports_version_and_key(self) -> None:
        config = self.directory / "probe.yaml"
        config.write_text(f"listen: 127.0.0.1:{free_ports()}\n{self.routes()}")
        done = self.run_to_end([BINARY, "probe", "--config", config, "--route", "orders", "--json"], 60)
        self.assertEqual(done.returncode, 1, f"a replication fault exits 1: {done.stdout}{done.stderr}")
        self.assert_wrong_version_and_key(json.loads(done.stdout.splitlines()[-1]))
        self.assert_nothing_left()

    def test_the_daemon_is_failing_and_says_why(self) -> None:
        daemon = Daemon(self, self.routes())
        seen = daemon.wait_state("orders", "failing", 30)
        self.assertGreater(seen["verdicts"]["mismatched"], 0)
        self.assertEqual({v for v, n in seen["verdicts"].items() if n}, {"mismatched"})
        for report in daemon.route("orders")["reports"]:
            self.assert_wrong_version_and_key(report)
        self.assertEqual(daemon.get("/health").status, 503)
        self.assertEqual(daemon.stop(), 0, "exit code after SIGTERM")
        self.assert_nothing_left()

    def publish(self, region: str, metric: str, *values: float) -> None:
        """Puts points of a replication metric of the route, one a minute, the newest in this minute."""
        named = {"SourceBucket": "orders-source", "DestinationBucket": "orders-replica", "RuleId": "canaries"}
        now = int(time.time()) // 60 * 60
        data = [
            {
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in named.items()],
                "Timestamp": datetime.fromtimestamp(now - 60 * age, timezone.utc),
                "Value": value,
            }
            for age, value in enumerate(reversed(values))
        ]
        self.client("cloudwatch", (SOURCE[0], region)).put_metric_data(Namespace="AWS/S3", MetricData=data)

    def value(self, daemon: Daemon, metric: str, labels: str = "") -> float | None:
        """The value of a series of the route on /metrics."""
        name = f'replicanary_{metric}{{route="orders",destination="orders-replica"{labels}}}'
        found = re.search(re.escape(name) + r" (\S+)$", daemon.get("/metrics").text, re.MULTILINE)
        return float(found[1]) if found else None

    def test_cloudwatch_is_read_where_aws_publishes_each_metric(self) -> None:
        self.publish(REPLICA[1], "ReplicationLatency", 7, 42)
        self.publish(REPLICA[1], "BytesPendingReplication", 0)
        self.publish(REPLICA[1], "OperationsPendingReplication", 3)
        self.publish(SOURCE[1], "OperationsFailedReplication", 2, 0, 3)
        self.publish(SOURCE[1], "ReplicationLatency", 999)  # nobody publishes it there
        daemon = Daemon(self, self.routes(route="    cloudwatch: 1s\n"))
        latency = lambda: self.value(daemon, "cloudwatch_replication_latency_seconds")  # noqa: E731
        self.assertEqual(wait_until("a reading", 20, latency, lambda seen: seen is not None), 42)
        self.assertEqual(self.value(daemon, "cloudwatch_operations_pending"), 3)
        self.assertEqual(self.value(daemon, "cloudwatch_bytes_pending"), 0, "CloudWatch said zero")
        failed = lambda: self.value(daemon, "cloudwatch_operations_failed")  # noqa: E731
        self.assertEqual(wait_until("failures", 10, failed, lambda seen: seen is not None), 5)
        self.publish(REPLICA[1], "OperationsPendingReplication", 11)
        pending = lambda: self.value(daemon, "cloudwatch_operations_pending")  # noqa: E731
        wait_until("the revised value", 10, pending, lambda seen: seen == 11)
        self.assertEqual(daemon.stop(), 0, "exit code after SIGTERM")

    def event(self, key: str, reason: str) -> str:
        """A failure as S3 tells it."""
        told = {
            "replicationRuleId": "canaries",
            "destinationBucket": "arn:aws:s3:::orders-replica",
            "s3Operation": "OBJECT_PUT",
            "requestTime": "2026-01-01T00:00:00.000Z",
            "failureReason": reason,
        }
        record = {
            "eventVersion": "2.2",
            "eventSource": "aws:s3",
            "awsRegion": SOURCE[1],
            "eventTime": "2026-01-01T00:00:01.000Z",
            "eventName": "Replication:OperationFailedReplication",
            "s3": {
                "bucket": {"name": "orders-source", "arn": "arn:aws:s3:::orders-source"},
                "object": {"key": key, "size": 1, "versionId": "v1", "sequencer": "00"},
            },
            "replicationEventData": told,
        }
        return json.dumps({"Records": [record]})

    def test_replication_events_are_taken_from_a_queue(self) -> None:
        sqs = self.client("sqs", SOURCE)
        url = sqs.create_queue(QueueName="replication", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
        topic = f"arn:aws:sns:{SOURCE[1]}:{SOURCE[0]}:events"
        through_topic = self.event("users/b", "DstPutTaggingNotPermitted")
        wrapped = {"Type": "Notification", "TopicArn": topic, "Message": through_topic}
        bodies = [
            json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "orders-source"}),
            self.event("users/a+b%2Bc", "SrcGetAclNotPermitted"),
            self.event("users/a+b%2Bc", "SrcGetAclNotPermitted"),
            json.dumps(wrapped),
            self.event("users/c", "SomethingNew"),
            "rubbish",
        ]
        for body in bodies:
            sqs.send_message(QueueUrl=url, MessageBody=body)
        daemon = Daemon(self, self.routes(source=f', event_queue: "{url}"'))

        def failures(reason: str) -> float | None:
            return self.value(daemon, "replication_failures_total", f',reason="{reason}"')

        wait_until("the unlisted reason", 20, lambda: failures("other"), lambda seen: seen == 1)
        tagging = lambda: failures("DstPutTaggingNotPermitted")  # noqa: E731
        wait_until("the event behind a topic", 20, tagging, lambda seen: seen == 1)
        self.assertEqual(failures("SrcGetAclNotPermitted"), 1, "told twice, counted once")
        recent = lambda: [event["key"] for event in daemon.destination("orders")["events"]["recent"]]  # noqa: E731
        wait_until("the key in the API", 5, recent, lambda keys: "users/a b+c" in keys)
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        left = lambda: sum(  # noqa: E731
            int(count)
            for count in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"].values()
        )
        wait_until("only rubbish is left for the redrive", 20, left, lambda seen: seen == 1)
        self.assertEqual(daemon.stop(), 0, "exit code after SIGTERM")
