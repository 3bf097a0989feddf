"""boto3's CloudWatch, KMS and SQS clients against the simulated AWS: what the monitor's evidence is made of."""

import json
import time
from datetime import datetime, timedelta, timezone

from botocore.exceptions import ClientError

from ring.case import RingCase
from ring.simulator import Simulator, current_status
from ring.waiting import wait_until

METRICS = {
    "ReplicationLatency": "Maximum",
    "BytesPendingReplication": "Maximum",
    "OperationsPendingReplication": "Maximum",
    "OperationsFailedReplication": "Sum",
}


class Boto3Evidence(RingCase):
    """One route of the default world; each test leaves it as it was."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.sim = Simulator(cls, "default")
        routes = cls.sim.world["routes"]
        names = [row["name"] for row in routes]
        row = next(row for row in routes if names.count(row["name"]) == 1)
        cls.route, cls.source, cls.replica = row["name"], row["source_bucket"], row["destination_bucket"]
        cls.account, cls.region = (cls.sim.buckets[cls.source][name] for name in ("account", "region"))
        cls.there = cls.sim.buckets[cls.replica]["region"]
        cls.s3 = cls.sim.s3_of(cls.source)
        rules = cls.s3.get_bucket_replication(Bucket=cls.source)["ReplicationConfiguration"]["Rules"]
        cls.rule = rules[0]["ID"]
        cls.replica_key = rules[0]["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"]

    def cloudwatch(self, region: str):
        """CloudWatch of the source's account in a Region."""
        return self.sim.client("cloudwatch", self.account, region)

    def query(self, metric: str, stat: str, name: str = "m") -> dict:
        """One query of GetMetricData about the route."""
        dimensions = [
            {"Name": "SourceBucket", "Value": self.source},
            {"Name": "DestinationBucket", "Value": self.replica},
            {"Name": "RuleId", "Value": self.rule},
        ]
        about = {"Namespace": "AWS/S3", "MetricName": metric, "Dimensions": dimensions}
        return {"Id": name, "MetricStat": {"Metric": about, "Period": 60, "Stat": stat}}

    def read(self, region: str, metric: str, stat: str, minutes: int = 30) -> dict[datetime, float]:
        """The points of one metric over the last minutes."""
        now = datetime.now(timezone.utc)
        answer = self.cloudwatch(region).get_metric_data(
            MetricDataQueries=[self.query(metric, stat)],
            StartTime=now - timedelta(minutes=minutes),
            EndTime=now + timedelta(minutes=1),
        )
        (result,) = answer["MetricDataResults"]
        self.assertEqual(result["StatusCode"], "Complete")
        return dict(zip(result["Timestamps"], result["Values"], strict=True))

    def test_an_hour_of_history_stands_in_the_region_where_aws_publishes_it(self) -> None:
        for metric, stat in METRICS.items():
            here, elsewhere = (self.there, self.region) if stat == "Maximum" else (self.region, self.there)
            points = self.read(here, metric, stat, 60)
            self.assertGreater(len(points), 25, metric)
            self.assertTrue(all(isinstance(value, float) and value >= 0 for value in points.values()), metric)
            self.assertEqual({point.second for point in points}, {0}, "points stand at the start of their minute")
            self.assertEqual(self.read(elsewhere, metric, stat, 60), {}, f"{metric} is not told in both Regions")

    def test_metrics_are_listed_with_their_three_dimensions(self) -> None:
        listed = self.cloudwatch(self.there).list_metrics(Namespace="AWS/S3")["Metrics"]
        ours = [
            metric["MetricName"]
            for metric in listed
            if {"Name": "SourceBucket", "Value": self.source} in metric["Dimensions"]
        ]
        self.assertEqual(set(ours), {metric for metric, stat in METRICS.items() if stat == "Maximum"})

    def test_five_hundred_queries_are_the_most_a_call_takes_and_answers_come_in_pages(self) -> None:
        client = self.cloudwatch(self.there)
        now = datetime.now(timezone.utc)
        window = {"StartTime": now - timedelta(minutes=30), "EndTime": now}
        queries = [self.query("ReplicationLatency", "Maximum", f"q{number}") for number in range(501)]
        with self.assertRaises(ClientError) as caught:
            client.get_metric_data(MetricDataQueries=queries, **window)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)
        pages, seen, token = 0, {}, {}
        while True:
            answer = client.get_metric_data(MetricDataQueries=queries[:20], MaxDatapoints=100, **window, **token)
            pages += 1
            for result in answer["MetricDataResults"]:
                seen.setdefault(result["Id"], []).extend(result["Values"])
            if "NextToken" not in answer:
                break
            token = {"NextToken": answer["NextToken"]}
        self.assertGreater(pages, 1)
        self.assertEqual(len(seen), 20)
        self.assertEqual(len({tuple(values) for values in seen.values()}), 1, "equal queries have equal answers")

    def test_failures_are_counted_in_cloudwatch_and_told_to_a_queue_with_their_reason(self) -> None:
        sqs = self.sim.client("sqs", self.account, self.region)
        url = sqs.create_queue(QueueName="replication-events")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        told = {"Id": "failures", "QueueArn": arn, "Events": ["s3:Replication:*"]}
        notify = self.s3.put_bucket_notification_configuration
        notify(Bucket=self.source, NotificationConfiguration={"QueueConfigurations": [told]})
        self.addCleanup(notify, Bucket=self.source, NotificationConfiguration={})
        (test,) = self.receive(sqs, url)
        self.assertEqual(test["Event"], "s3:TestEvent")
        before = sum(self.read(self.region, "OperationsFailedReplication", "Sum").values())
        self.assertLess(self.sim.fault(self.route, "role_denied").status, 300)
        self.addCleanup(self.sim.fault, self.route, "role_denied", on=False)
        key = "orders/a b+c.txt"
        version = self.s3.put_object(Bucket=self.source, Key=f"replicanary/{key}", Body=b"x")["VersionId"]
        wait_until(
            "FAILED",
            20,
            lambda: current_status(self.s3, self.source, f"replicanary/{key}", version),
            lambda status: status == "FAILED",
        )
        (event,) = wait_until("an event", 20, lambda: self.receive(sqs, url))
        (record,) = event["Records"]
        self.assertEqual(record["eventName"], "Replication:OperationFailedReplication")
        self.assertEqual(record["s3"]["object"]["key"], "replicanary/orders/a+b%2Bc.txt")
        self.assertEqual(record["s3"]["object"]["versionId"], version)
        data = record["replicationEventData"]
        self.assertEqual(data["destinationBucket"], f"arn:aws:s3:::{self.replica}")
        (truth,) = self.sim.truth(self.source, f"replicanary/{key}", version)["destinations"]
        self.assertEqual(data["failureReason"], truth["reason"])
        failed = lambda: sum(self.read(self.region, "OperationsFailedReplication", "Sum").values())  # noqa: E731
        wait_until("the failure in CloudWatch", 30, failed, lambda seen: seen == before + 1)

    def receive(self, sqs, url: str) -> list[dict]:
        """Takes what is in the queue, and deletes it there."""
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    def test_what_is_not_deleted_comes_again(self) -> None:
        sqs = self.sim.client("sqs", self.account, self.region)
        url = sqs.create_queue(QueueName="again", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="rubbish")
        first = sqs.receive_message(QueueUrl=url)["Messages"][0]
        time.sleep(1.2)
        (again,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2, AttributeNames=["All"])["Messages"]
        self.assertEqual((again["MessageId"], again["Body"]), (first["MessageId"], "rubbish"))
        self.assertEqual(again["Attributes"]["ApproximateReceiveCount"], "2")

    def test_a_key_tells_its_state_and_policy_to_its_own_account_only(self) -> None:
        own = self.sim.client("kms", self.sim.buckets[self.replica]["account"], self.there)
        described = own.describe_key(KeyId=self.replica_key)["KeyMetadata"]
        self.assertEqual((described["Arn"], described["KeyState"]), (self.replica_key, "Enabled"))
        self.assertEqual((described["KeyManager"], described["KeySpec"]), ("CUSTOMER", "SYMMETRIC_DEFAULT"))
        policy = json.loads(own.get_key_policy(KeyId=self.replica_key, PolicyName="default")["Policy"])
        self.assertIn("Statement", policy)
        stranger = self.sim.client("kms", self.account, self.there)
        for call in (stranger.describe_key, lambda **key: stranger.get_key_policy(PolicyName="default", **key)):
            with self.assertRaises(ClientError) as caught:
                call(KeyId=self.replica_key)
            self.assertEqual(caught.exception.response["Error"]["Code"], "AccessDeniedException")
        own.disable_key(KeyId=self.replica_key)
        self.addCleanup(own.enable_key, KeyId=self.replica_key)
        self.assertEqual(own.describe_key(KeyId=self.replica_key)["KeyMetadata"]["KeyState"], "Disabled")
