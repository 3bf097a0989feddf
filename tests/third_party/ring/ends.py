"""An S3 bucket at some end: made, versioned and read with boto3, never with code of the project."""

import warnings

import boto3
from botocore.config import Config


def client(service: str, url: str, region: str, access_key: str, secret: str, **options):
    """A boto3 client that talks to `url` only, tries once, and sends checksums only where they are required."""
    config = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=5,
        read_timeout=options.pop("read_timeout", 20),
        proxies={},
        request_checksum_calculation=options.pop("checksums", "when_supported"),
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # boto3 announces the end of old Python versions here
        return boto3.client(
            service,
            endpoint_url=url,
            region_name=region,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret,
            config=config,
            **options,
        )


class End:
    """One bucket of an S3-compatible server that takes the ring's usual key pair."""

    def __init__(self, url: str, bucket: str, region: str = "us-east-1", checksums: str = "when_supported") -> None:
        self.url, self.bucket, self.region = url, bucket, region
        self.s3 = client("s3", url, region, "AKIACANARY", "canarysecret", checksums=checksums)

    def create(self) -> None:
        """Makes the bucket."""
        self.s3.create_bucket(Bucket=self.bucket)

    def enable_versioning(self) -> None:
        """Switches versioning on."""
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})

    def everything(self, prefix: str = "replicanary/") -> list[tuple[str, str, str]]:
        """All versions and delete markers under a prefix: kind, key, version id."""
        found = []
        for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix):
            for kind in ("Versions", "DeleteMarkers"):
                found += [(kind, entry["Key"], entry["VersionId"]) for entry in page.get(kind, [])]
        return found

    def clear(self) -> None:
        """Removes every version and marker, so that the next test starts from nothing."""
        for _, key, version in self.everything(""):
            self.s3.delete_object(Bucket=self.bucket, Key=key, VersionId=version)

    def as_yaml(self, extra: str = "") -> str:
        """This end as a side of a route; the secret comes from the environment."""
        return (
            f"{{ bucket: {self.bucket}, region: {self.region}, endpoint_url: {self.url}, path_style: true, "
            f'access_key_id: AKIACANARY, secret_access_key: "${{RING_SECRET}}"{extra} }}'
        )
