"""boto3 against the default simulated world: healthy routes at first, then every scripted fault as a client sees it."""

import itertools

from botocore.exceptions import BotoCoreError, ClientError

from ring.case import RingCase
from ring.simulator import Simulator, current_status
from ring.waiting import stays, wait_until
from ring.web import call

FAULTS = {
    *("outage", "slow", "throttled", "time_outs", "dropped_connections", "access_denied", "expired_token"),
    *("skewed_clock", "destination_key_disabled", "destination_key_pending_deletion", "versioning_suspended"),
    *("destination_bucket_deleted", "role_denied", "wrong_replica_key", "missing_metadata", "corrupted_replica"),
    *("rule_disabled", "rule_filter_moved"),
}


class Boto3Faults(RingCase):
    """Each test takes the first route of the world and leaves it healthy."""

    counter = itertools.count()

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.written_config = cls.directory / "written.yaml"
        cls.sim = Simulator(cls, "default", "--write-config", cls.written_config)
        routes = cls.sim.world["routes"]
        names = [row["name"] for row in routes]
        row = next(row for row in routes if names.count(row["name"]) == 1)
        cls.route, cls.source_bucket, cls.replica_bucket = row["name"], row["source_bucket"], row["destination_bucket"]
        cls.source, cls.replica = cls.sim.s3_of(cls.source_bucket), cls.sim.s3_of(cls.replica_bucket)

    def put(self) -> dict:
        """Writes an object and returns what names it."""
        key = f"replicanary/{next(self.counter)}"
        put = self.source.put_object(Bucket=self.source_bucket, Key=key, Body=b"as written", Metadata={"a": "b"})
        return {"Key": key, "VersionId": put["VersionId"]}

    def with_fault(self, fault: str) -> None:
        """Switches a fault on until the test ends."""
        self.assertLess(self.sim.fault(self.route, fault).status, 300)
        self.addCleanup(self.sim.fault, self.route, fault, on=False)
        self.assertIn(self.route, self.sim.routes_with(fault))

    def status(self, wanted: dict) -> str | None:
        """Replication status at the source."""
        return current_status(self.source, self.source_bucket, wanted["Key"], wanted["VersionId"])

    def wait_status(self, wanted: dict, status: str) -> None:
        """Waits for a replication status at the source."""
        wait_until(status, 20, lambda: self.status(wanted), lambda seen: seen == status)

    def arrived(self, wanted: dict, seconds: float = 15) -> dict:
        """HEAD of the replica, as soon as there is one."""
        look = {"Bucket": self.replica_bucket, **wanted}
        return wait_until("the replica", seconds, lambda: self.replica.head_object(**look))

    def truth(self, wanted: dict) -> dict:
        """What really happened at the one destination."""
        (row,) = self.sim.truth(self.source_bucket, wanted["Key"], wanted["VersionId"])["destinations"]
        return row

    def test_the_world_is_what_the_routes_promise(self) -> None:
        world = self.sim.world
        self.assertEqual(world["endpoint"].rstrip("/"), self.sim.url)
        self.assertGreaterEqual(len({row["name"] for row in world["routes"]}), 6)
        self.assertGreaterEqual(len({bucket["account"] for bucket in world["buckets"]}), 3)
        self.assertGreaterEqual(len({bucket["region"] for bucket in world["buckets"]}), 3)
        key_arns = {key["arn"] for key in world["keys"]}
        for row in world["routes"]:
            with self.subTest(route=row["name"]):
                source, replica = self.sim.buckets[row["source_bucket"]], self.sim.buckets[row["destination_bucket"]]
                self.assertNotEqual((source["account"], source["region"]), (replica["account"], replica["region"]))
                s3 = self.sim.s3_of(source["name"])
                rules = s3.get_bucket_replication(Bucket=source["name"])["ReplicationConfiguration"]["Rules"]
                (rule,) = [r for r in rules if r["Destination"]["Bucket"].endswith(f":::{replica['name']}")]
                self.assertIn(rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"], key_arns)
                self.assertEqual(rule["Destination"]["Metrics"]["Status"], "Enabled")

    def test_the_control_calls_answer_in_their_documented_shape(self) -> None:
        def fields(rows: list[dict]) -> set[tuple[str, ...]]:
            return {tuple(sorted(row)) for row in rows}

        world = self.sim.world
        self.assertEqual(set(world), {"endpoint", "accounts", "buckets", "keys", "routes"})
        self.assertEqual(fields(world["accounts"]), {("access_key_id", "id", "secret_access_key")})
        self.assertEqual(fields(world["buckets"]), {("account", "name", "region")})
        self.assertEqual(fields(world["keys"]), {("account", "arn", "region")})
        self.assertEqual(fields(world["routes"]), {("destination_bucket", "name", "source_bucket")})
        faults = call(f"{self.sim.url}/_sim/faults").json()
        self.assertEqual((set(faults), fields(faults["faults"])), ({"faults"}, {("name", "routes")}))

    def test_the_truth_is_told_to_the_microsecond_and_outlives_the_version(self) -> None:
        wanted = self.put()
        named = (self.source_bucket, wanted["Key"], wanted["VersionId"])
        written = self.sim.truth(*named)["written_at"]
        self.arrived(wanted)
        self.wait_status(wanted, "COMPLETED")
        self.source.delete_object(Bucket=self.source_bucket, **wanted)
        truth = self.sim.truth(*named)
        (row,) = truth.pop("destinations")
        self.assertEqual(truth, {"written_at": written})
        arrived = row.pop("arrives_at")
        self.assertEqual(row, {"bucket": self.replica_bucket, "fails_at": None, "reason": None})
        for moment in (written, arrived):
            self.assertRegex(moment, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertLess(written, arrived)

    def test_a_fault_of_one_destination_spares_the_other(self) -> None:
        routes = self.sim.world["routes"]
        names = [row["name"] for row in routes]
        first, second = [row for row in routes if names.count(row["name"]) > 1][:2]
        source_bucket, broken = first["source_bucket"], first["destination_bucket"]
        order = (first["name"], "destination_bucket_deleted")
        self.assertLess(self.sim.fault(*order, destination=broken).status, 300)
        self.addCleanup(self.sim.fault, *order, on=False, destination=broken)
        source = self.sim.s3_of(source_bucket)
        key = f"replicanary/{next(self.counter)}"
        version = source.put_object(Bucket=source_bucket, Key=key, Body=b"x")["VersionId"]
        wait_until(
            "FAILED, for one of two is enough",
            20,
            lambda: current_status(source, source_bucket, key, version),
            lambda status: status == "FAILED",
        )
        rows = {row["bucket"]: row for row in self.sim.truth(source_bucket, key, version)["destinations"]}
        self.assertEqual((rows[broken]["arrives_at"], rows[broken]["reason"]), (None, "DstBucketNotFound"))
        self.assertIsNotNone(rows[second["destination_bucket"]]["arrives_at"])

    def test_the_written_configuration_was_complete_before_the_port_answered(self) -> None:
        text = self.written_config.read_text()
        for row in self.sim.world["routes"]:
            self.assertIn(row["name"], text)
            self.assertIn(row["destination_bucket"], text)

    def test_every_route_replicates(self) -> None:
        for row in self.sim.world["routes"]:
            with self.subTest(route=row["name"], destination=row["destination_bucket"]):
                source = self.sim.s3_of(row["source_bucket"])
                key = f"replicanary/every-{next(self.counter)}"
                put = source.put_object(Bucket=row["source_bucket"], Key=key, Body=b"x")
                look = {"Bucket": row["destination_bucket"], "Key": key, "VersionId": put["VersionId"]}
                replica = self.sim.s3_of(row["destination_bucket"])
                seen = wait_until("the replica", 15, lambda replica=replica, look=look: replica.head_object(**look))
                self.assertEqual(seen["ReplicationStatus"], "REPLICA")
                account = self.sim.buckets[row["destination_bucket"]]["account"]
                self.assertIn(f":{account}:key/", seen["SSEKMSKeyId"])

    def test_all_faults_are_listed_and_nonsense_is_refused(self) -> None:
        listed = call(f"{self.sim.url}/_sim/faults").json()["faults"]
        self.assertEqual({row["name"] for row in listed}, FAULTS)
        self.assertIn(self.sim.fault(self.route, "no_such_fault").status // 100, (4,))
        self.assertIn(self.sim.fault("no-such-route", "outage").status // 100, (4,))

    def test_answers_carry_a_date_and_a_request_id(self) -> None:
        headers = self.source.head_bucket(Bucket=self.source_bucket)["ResponseMetadata"]["HTTPHeaders"]
        self.assertIn("date", headers)
        self.assertIn("x-amz-request-id", headers)

    def test_an_outage_keeps_objects_pending_and_heals_by_itself(self) -> None:
        self.assertLess(self.sim.fault(self.route, "outage", seconds=8).status, 300)
        wanted = self.put()
        stays("PENDING", 5, lambda: self.status(wanted), lambda seen: seen == "PENDING")
        self.arrived(wanted, 20)
        self.wait_status(wanted, "COMPLETED")
        self.assertNotIn(self.route, self.sim.routes_with("outage"), "it was set for eight seconds")

    def test_slow_is_slow(self) -> None:
        self.with_fault("slow")
        wanted = self.put()
        stays("PENDING", 8, lambda: self.status(wanted), lambda seen: seen == "PENDING")
        self.arrived(wanted, 20)

    def test_what_breaks_replication_fails_objects_with_a_reason(self) -> None:
        reasons = {
            "role_denied": None,
            "destination_key_disabled": "DstKmsKeyInvalidState",
            "destination_key_pending_deletion": "DstKmsKeyInvalidState",
            "versioning_suspended": "DstBucketUnversioned",
            "destination_bucket_deleted": "DstBucketNotFound",
        }
        for fault, reason in reasons.items():
            with self.subTest(fault=fault):
                self.with_fault(fault)
                wait_until("the Bucket Key that S3 holds has run out", 8, lambda f=fault: self.fails(reasons[f]))
                self.assertLess(self.sim.fault(self.route, fault, on=False).status, 300)

    def fails(self, reason: str | None) -> bool:
        """Whether an object written now turns FAILED, for that reason where one is given."""
        wanted = self.put()
        status = wait_until("an end", 10, lambda: self.status(wanted), lambda seen: seen in ("FAILED", "COMPLETED"))
        return status == "FAILED" and reason in (None, self.truth(wanted)["reason"])

    def test_what_takes_no_object_leaves_no_status(self) -> None:
        for fault in ("rule_disabled", "rule_filter_moved"):
            with self.subTest(fault=fault):
                self.with_fault(fault)
                self.assertIsNone(self.status(self.put()))
                self.assertLess(self.sim.fault(self.route, fault, on=False).status, 300)

    def test_wrong_replicas_are_wrong_in_the_way_named(self) -> None:
        right = self.arrived(self.put())
        self.with_fault("wrong_replica_key")
        seen = self.arrived(self.put())
        self.assertNotEqual(seen["SSEKMSKeyId"], right["SSEKMSKeyId"])
        self.sim.fault(self.route, "wrong_replica_key", on=False)
        self.with_fault("missing_metadata")
        self.assertEqual(self.arrived(self.put())["Metadata"], {})
        self.sim.fault(self.route, "missing_metadata", on=False)
        self.with_fault("corrupted_replica")
        wanted = self.put()
        self.assertEqual(self.arrived(wanted)["ContentLength"], len(b"as written"))
        body = self.replica.get_object(Bucket=self.replica_bucket, **wanted)["Body"].read()
        self.assertNotEqual(body, b"as written")

    def test_faults_at_the_edge_are_errors_of_the_call(self) -> None:
        def attempt() -> str:
            s3 = self.sim.s3_of(self.source_bucket, read_timeout=1)
            try:
                s3.list_object_versions(Bucket=self.source_bucket, MaxKeys=1)
            except ClientError as error:
                return error.response["Error"]["Code"]
            except BotoCoreError as error:
                return type(error).__name__
            return "answered"

        expected = {
            "throttled": {"SlowDown"},
            "access_denied": {"AccessDenied"},
            "expired_token": {"ExpiredToken"},
            "time_outs": {"ReadTimeoutError"},
            "dropped_connections": {"ConnectionClosedError", "EndpointConnectionError", "HTTPClientError"},
        }
        self.assertEqual(attempt(), "answered")
        for fault, outcomes in expected.items():
            with self.subTest(fault=fault):
                self.with_fault(fault)
                self.assertIn(attempt(), outcomes)
                self.sim.fault(self.route, fault, on=False)
                self.assertEqual(attempt(), "answered")
