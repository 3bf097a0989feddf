"""What the third-party tests share: processes, ports, waiting, the daemon, the simulator, S3 ends."""
