"""What the daemon must show on any server with true asynchronous replication that sends no replication status."""

from pathlib import Path

from .daemon import Daemon
from .ends import End
from .process import paused
from .waiting import stays, wait_until

GRACE = "3s"
FAULTS = ("lost", "failed", "mismatched", "uncovered", "unknown")


class AsynchronousReplication:
    """Tests for a RingCase that sets `name`, `source`, `replica`, `sync_pid` and `side_settings`."""

    name: str
    source: End
    replica: End
    sync_pid: Path
    side_settings = ""

    def tearDown(self) -> None:
        self.clear_both()
        super().tearDown()

    def start_daemon(
        self, route_settings: str, times: str = "objective: 5s, deadline: 30s", replica: str | None = None
    ) -> Daemon:
        """The daemon with one route between the two ends, a canary every two seconds."""
        replica = replica or self.replica.as_yaml(self.side_settings + ", verify: content")
        return Daemon(
            self,
            f"""shutdown_grace: {GRACE}
routes:
  - name: {self.name}
    source: {self.source.as_yaml(self.side_settings)}
    destinations:
      - {replica}
    canary: {{ prefix: "replicanary/", interval: 2s, {times}, abandon_after: 5m }}
    settle: 0s
    {route_settings}
""",
        )

    @classmethod
    def put_and_follow(cls) -> tuple[dict, dict]:
        """Writes an object and returns HEAD of it at both ends, once the replica has its version id."""
        put = cls.source.s3.put_object(Bucket=cls.source.bucket, Key="replicanary/premise", Body=b"canary")
        wanted = {"Key": "replicanary/premise", "VersionId": put["VersionId"]}
        replica = wait_until(
            "the replica arrives under the source's version id",
            30,
            lambda: cls.replica.s3.head_object(Bucket=cls.replica.bucket, **wanted),
        )
        return cls.source.s3.head_object(Bucket=cls.source.bucket, **wanted), replica

    @classmethod
    def clear_both(cls) -> None:
        """Both ends are empty afterwards."""
        for end in (cls.source, cls.replica):
            end.clear()

    @classmethod
    def warm_up(cls) -> None:
        """For the end of setUpClass: the first replica takes seconds, while the synchronisation finds its peers."""
        cls.put_and_follow()
        cls.clear_both()

    def test_the_premise_holds_without_the_daemon(self) -> None:
        """A failure here is the server's or its set-up's, not the daemon's."""
        source, replica = self.put_and_follow()
        self.assertEqual((source.get("ReplicationStatus"), replica.get("ReplicationStatus")), (None, None))

    def test_follows_the_sync_through_a_stop_and_leaves_nothing_behind(self) -> None:
        daemon = self.start_daemon("replication_status: none")
        self.sees_true_lag(daemon)
        waiting = self.stalls_while_the_sync_is_stopped(daemon)
        self.heals_by_the_same_version_ids(daemon, waiting)
        self.assertEqual(daemon.stop(), 0, "exit code after SIGTERM")
        self.nothing_is_left()

    def sees_true_lag(self, daemon: Daemon) -> None:
        """Healthy, with a lag that was measured and reported stage by stage."""

        def measured(seen: dict) -> bool:
            return seen["state"] == "healthy" and seen["verdicts"]["replicated"] >= 3 and seen["lag_seconds"]["p50"]

        seen = wait_until("healthy with a measured lag", 30, lambda: daemon.destination(self.name), measured)
        self.assertLess(seen["lag_seconds"]["p50"], 5, "replication on loopback takes far less than the objective")
        self.assertLessEqual(seen["lag_seconds"]["p50"], seen["lag_seconds"]["max"])
        self.assertGreater(seen["lag_resolution_seconds"], 0, "a polled lag is an interval, never a point")
        self.assertEqual(daemon.get(f"/health?route={self.name}").status, 200)
        report = next(r for r in daemon.route(self.name)["reports"] if r["verdict"] == "replicated")
        self.assertLessEqual(report["lag_seconds"]["low"], report["lag_seconds"]["high"])
        stages = {stage["stage"] for stage in report["stages"]}
        self.assertLessEqual({"put_sent", "put_acked", "replica_seen", "verified"}, stages)
        self.assertTrue(stages.isdisjoint({"pending_seen", "completed_seen"}), f"no status was sent, yet: {stages}")

    def stalls_while_the_sync_is_stopped(self, daemon: Daemon) -> set[str]:
        """Stalled and counted as pending, but no fault: that is for the deadline. Returns the waiting versions."""
        with paused(self.sync_pid):
            seen = daemon.wait_state(self.name, "stalled", 20)
            self.assertGreater(seen["pending"], 0)
            self.assertIsNotNone(seen["oldest_pending"])
            self.assertEqual({fault: seen["verdicts"][fault] for fault in FAULTS}, dict.fromkeys(FAULTS, 0))
            health = daemon.get("/health")
            self.assertEqual((health.status, health.json()["status"]), (503, "stalled"))
            self.assertEqual(daemon.get("/livez").status, 200, "a broken route is no reason to restart the monitor")
            waiting = {version for kind, _, version in self.source.everything() if kind == "Versions"}
            self.assertTrue(waiting, "canaries that wait for their replica stay at the source")
        return waiting

    def heals_by_the_same_version_ids(self, daemon: Daemon, waiting: set[str]) -> None:
        """Healthy again, and every canary that waited was found at the replica by its version id."""
        seen = daemon.wait_state(self.name, "healthy", 60)
        self.assertEqual({fault: seen["verdicts"][fault] for fault in FAULTS}, dict.fromkeys(FAULTS, 0))
        self.assertGreater(seen["verdicts"]["late"], 0, "a canary that waited for the sync was late")

        def all_arrived() -> set[str]:
            reports = daemon.route(self.name)["reports"]
            arrived = {r["version_id"] for r in reports if r["verdict"] in ("replicated", "late")}
            return waiting - arrived

        wait_until("every waiting canary has arrived", 20, all_arrived, lambda missing: not missing)

    def nothing_is_left(self) -> None:
        """No version and no marker on either side, and none comes back."""

        def left() -> list[tuple[str, str, str]]:
            return self.source.everything() + self.replica.everything()

        wait_until("nothing is left on either side", 15, left, lambda found: not found)
        stays("nothing is left on either side", 3, left, lambda found: not found)

    def test_a_lost_canary_is_followed_until_it_arrives(self) -> None:
        daemon = self.start_daemon("replication_status: none", "objective: 2s, deadline: 6s")
        daemon.wait_state(self.name, "healthy", 20)
        with paused(self.sync_pid):
            seen = daemon.wait_state(self.name, "failing", 20)
            self.assertGreater(seen["verdicts"]["lost"], 0)
            self.assertGreater(seen["pending"], 0, "a lost canary is still waited for")
            point = seen["recovery_point"]
        seen = daemon.wait_state(self.name, "healthy", 60)
        self.assertGreater(seen["recovery_point"], point)
        (gap,) = seen["gaps"]
        self.assertEqual((gap["from"], gap["verdict"]), (point, "lost"))
        self.assertIsNotNone(gap["to"], "canaries arrive in time again")
        lost = [r for r in daemon.route(self.name)["reports"] if r["verdict"] == "lost"]
        self.assertEqual(len(lost), seen["verdicts"]["lost"], "an arrival after the deadline stays counted as lost")
        for report in lost:
            self.assertGreater(report["lag_seconds"]["low"], 2)
            self.assertIn("replica_seen", {stage["stage"] for stage in report["stages"]})
        self.assertEqual(daemon.stop(), 0, "exit code after SIGTERM")
        self.nothing_is_left()

    def test_what_a_stop_must_leave_is_named_and_the_next_start_removes_it(self) -> None:
        daemon = self.start_daemon("replication_status: none", "objective: 2s, deadline: 60s")
        daemon.wait_state(self.name, "healthy", 20)
        with paused(self.sync_pid):
            daemon.wait_state(self.name, "stalled", 20)
            self.assertEqual(daemon.stop(), 0, "exit code after SIGTERM")
            left = {key for kind, key, _ in self.source.everything() if kind == "Versions"}
        self.assertTrue(left, "deleting what is not replicated yet would make an orphan of its replica")
        _, _, drained = daemon.log().partition("draining")
        self.assertNotIn("is healthy", drained, "stopping the monitor heals nothing")
        last = drained.splitlines()[-1]
        self.assertEqual([key for key in left if key not in last], [], f"not named in the last line: {last}")
        again = self.start_daemon("replication_status: none")

        def still_there() -> set[str]:
            return left & {key for end in (self.source, self.replica) for _, key, _ in end.everything()}

        wait_until("the next start has removed what was left", 30, still_there, lambda found: not found)
        again.wait_state(self.name, "healthy", 20)
        self.assertEqual(again.stop(), 0, "exit code after SIGTERM")
        self.nothing_is_left()

    def test_a_wrong_secret_is_never_a_fault_of_replication(self) -> None:
        for status in ("none", "aws"):
            with self.subTest(replication_status=status):
                replica = self.replica.as_yaml(self.side_settings).replace("${RING_SECRET}", "wrong")
                daemon = self.start_daemon(f"replication_status: {status}", "objective: 1s, deadline: 4s", replica)
                seen = wait_until(
                    "a verdict",  # and no second one: the first canary cannot be removed, so the route writes no other
                    20,
                    lambda daemon=daemon: daemon.destination(self.name),
                    lambda seen: any(seen["verdicts"].values()),
                )
                self.assertEqual({verdict for verdict, count in seen["verdicts"].items() if count}, {"unknown"})
                self.assertEqual(seen["state"], "unknown")
                self.assertNotIn("grant s3:ListBucket", daemon.log(), "that is not what is missing")
                self.assertEqual(daemon.stop(), 0, "exit code after SIGTERM")

    def test_without_the_setting_arrival_still_counts_and_absence_is_uncovered(self) -> None:
        daemon = self.start_daemon("replication_status: aws")
        seen = wait_until(
            "three canaries arrived",
            30,
            lambda: daemon.destination(self.name),
            lambda seen: seen["state"] == "healthy" and seen["verdicts"]["replicated"] >= 3,
        )
        self.assertEqual(seen["verdicts"]["uncovered"], 0, "an arrival is judged by arrival")
        told = f"{seen['message']}\n{daemon.log()}"
        self.assertIn("replication_status: none", told, "neither log nor message names the setting")
        with paused(self.sync_pid):
            seen = daemon.wait_state(self.name, "misconfigured", 30)
            self.assertGreater(seen["verdicts"]["uncovered"], 0)
            self.assertEqual((seen["verdicts"]["failed"], seen["verdicts"]["lost"]), (0, 0))
        self.assertEqual(daemon.stop(), 0, "exit code after SIGTERM")
