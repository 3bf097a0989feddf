"""The daemon on two SeaweedFS clusters with `filer.sync` between them: true asynchronous lag by version id."""

import os
import shutil
import sys
from pathlib import Path

from ring.asynchronous import AsynchronousReplication
from ring.case import RingCase
from ring.ends import End
from ring.ports import free_ports


class SeaweedFs(AsynchronousReplication, RingCase):
    """Bucket `src` of one cluster is followed to bucket `rep` of the other."""

    name = "seaweedfs"

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        os.environ.setdefault("WEED", shutil.which("weed", path=Path(sys.executable).parent) or "weed")
        source_port, replica_port = free_ports(9), free_ports(9)
        cls.start_servers("seaweedfs.sh", cls.directory, source_port, replica_port)
        cls.sync_pid = cls.directory / "sync.pid"
        cls.source = End(f"http://127.0.0.1:{source_port}", "src")
        cls.replica = End(f"http://127.0.0.1:{replica_port}", "rep")
        for end in (cls.source, cls.replica):
            end.create()
            end.enable_versioning()
        cls.warm_up()
