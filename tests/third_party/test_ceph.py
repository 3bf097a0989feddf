"""The daemon on Ceph's RGW multisite: two zones, one bucket name, a gateway that synchronises."""

import shutil
import unittest

from ring.asynchronous import AsynchronousReplication
from ring.case import RingCase
from ring.ends import End
from ring.ports import free_ports
from ring.waiting import wait_until

START_SECONDS = 60


class CephMultisite(AsynchronousReplication, RingCase):
    """Bucket `canaries` of zone za is followed to the bucket of that name in zone zb."""

    name = "ceph"
    # RGW answers 400 to the unsigned checksum trailer that SDKs send unless told otherwise.
    side_settings = ", checksums: when_required"

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        if missing := [tool for tool in ("ceph-mon", "ceph-osd", "radosgw", "ceph") if not shutil.which(tool)]:
            raise unittest.SkipTest(f"not installed: {', '.join(missing)} (apt: radosgw ceph-osd ceph-mon)")
        port = free_ports(50)
        try:
            cls.start_servers("ceph.sh", cls.directory, port, seconds=START_SECONDS)
        except TimeoutError as error:
            raise unittest.SkipTest(str(error)) from None
        cls.sync_pid = cls.directory / "zbsync.pid"
        cls.source = End(f"http://127.0.0.1:{port}", "canaries", checksums="when_required")
        cls.replica = End(f"http://127.0.0.1:{port + 1}", "canaries", checksums="when_required")
        cls.source.create()
        cls.source.enable_versioning()
        wait_until("the bucket is versioned in the other zone", 30, cls.replica_is_versioned)
        cls.warm_up()

    @classmethod
    def replica_is_versioned(cls) -> bool:
        """Buckets and their settings travel between zones on their own."""
        return cls.replica.s3.get_bucket_versioning(Bucket="canaries").get("Status") == "Enabled"
