"""The cross-account tutorial, corrected, as steps of boto3 in its order; any document can be changed."""

import copy
import json

from botocore.exceptions import ClientError

from .simulator import Simulator, bucket_encryption, current_status, replication, trust
from .waiting import wait_until

SOURCE_ACCOUNT, REPLICA_ACCOUNT = "111111111111", "222222222222"
SOURCE_REGION, REPLICA_REGION = "ap-south-1", "us-east-1"
ROLE = "S3ReplicationRoleAccountA"


def document(*statements: dict) -> dict:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": copy.deepcopy(list(statements))}


class Tutorial:
    """Two accounts, two Regions, two keys, two buckets, a role and a rule between them."""

    def __init__(self, sim: Simulator, name: str) -> None:
        self.sim, self.name = sim, name
        self.source, self.replica = f"{name}-source", f"{name}-replica"
        self.source_s3 = sim.client("s3", SOURCE_ACCOUNT, SOURCE_REGION)
        self.replica_s3 = sim.client("s3", REPLICA_ACCOUNT, REPLICA_REGION)
        self.source_kms = sim.client("kms", SOURCE_ACCOUNT, SOURCE_REGION)
        self.replica_kms = sim.client("kms", REPLICA_ACCOUNT, REPLICA_REGION)
        self.iam = sim.client("iam", SOURCE_ACCOUNT, "us-east-1")
        self.role_name = f"{ROLE}-{name}"
        self.role = f"arn:aws:iam::{SOURCE_ACCOUNT}:role/{self.role_name}"

    def follow(self) -> "Tutorial":
        """Every step in the tutorial's order."""
        self.create_buckets()
        self.create_keys()
        self.set_default_encryption()
        self.create_role()
        self.edit_key_policies()
        self.edit_bucket_policy()
        self.create_rule()
        return self

    # Step 1
    def create_buckets(self) -> None:
        """Both buckets, versioned; public access is blocked in new buckets."""
        location = {"LocationConstraint": SOURCE_REGION}
        self.source_s3.create_bucket(Bucket=self.source, CreateBucketConfiguration=location)
        self.replica_s3.create_bucket(Bucket=self.replica)
        for s3, bucket in ((self.source_s3, self.source), (self.replica_s3, self.replica)):
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    # Step 2
    def create_keys(self) -> None:
        """A customer managed key in each account and Region."""
        self.source_key = self.source_kms.create_key(Description="source")["KeyMetadata"]["Arn"]
        self.replica_key = self.replica_kms.create_key(Description="replicas")["KeyMetadata"]["Arn"]

    def set_default_encryption(self) -> None:
        """SSE-KMS with Bucket Keys on both sides."""
        for s3, bucket, key in (
            (self.source_s3, self.source, self.source_key),
            (self.replica_s3, self.replica, self.replica_key),
        ):
            s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=bucket_encryption(key))

    # Step 3
    def create_role(self) -> None:
        """The replication role, its trust and what it may do."""
        trusted = trust({"Service": "s3.amazonaws.com"})
        self.iam.create_role(RoleName=self.role_name, AssumeRolePolicyDocument=trusted)
        self.put_role_policy(self.role_policy())

    def put_role_policy(self, policy: dict) -> None:
        """Sets the role's only policy."""
        text = json.dumps(policy)
        self.iam.put_role_policy(RoleName=self.role_name, PolicyName="replication", PolicyDocument=text)

    def role_policy(self) -> dict:
        """What the role may do: least privilege."""
        source, replica = f"arn:aws:s3:::{self.source}", f"arn:aws:s3:::{self.replica}"
        return document(
            allow("ReadSourceBucket", ["s3:GetReplicationConfiguration", "s3:ListBucket"], source),
            allow(
                "ReadSourceObjects",
                ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
                f"{source}/*",
            ),
            allow(
                "WriteReplicas",
                [
                    *("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"),
                    "s3:ObjectOwnerOverrideToBucketOwner",
                ],
                f"{replica}/*",
            ),
            {
                **allow("DecryptSource", "kms:Decrypt", self.source_key),
                "Condition": through_s3(SOURCE_REGION, source),
            },
            {
                **allow("EncryptReplicas", ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"], self.replica_key),
                "Condition": through_s3(REPLICA_REGION, replica),
            },
        )

    # Step 4
    def edit_key_policies(self) -> None:
        """The source key: its account administers it. The destination key: the role uses it, too."""
        self.put_key_policy(self.source_kms, self.source_key, self.source_key_policy())
        self.put_key_policy(self.replica_kms, self.replica_key, self.replica_key_policy())

    @staticmethod
    def put_key_policy(kms, key: str, policy: dict) -> None:
        """Sets a key's policy."""
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))

    def source_key_policy(self) -> dict:
        """IAM policies of the account decide."""
        return document(administered_by(SOURCE_ACCOUNT))

    def replica_key_policy(self) -> dict:
        """The same, and the role of the other account encrypts under it."""
        use = allow("ReplicationEncrypts", ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"], "*")
        return document(administered_by(REPLICA_ACCOUNT), {**use, "Principal": {"AWS": self.role}})

    # Step 5
    def edit_bucket_policy(self) -> None:
        """The destination lets the role replicate."""
        self.put_bucket_policy(self.bucket_policy())

    def put_bucket_policy(self, policy: dict) -> None:
        """Sets the destination's policy."""
        self.replica_s3.put_bucket_policy(Bucket=self.replica, Policy=json.dumps(policy))

    def bucket_policy(self) -> dict:
        """Objects, delete markers, tags and ownership."""
        arn = f"arn:aws:s3:::{self.replica}"
        objects = allow(
            "LetTheSourceReplicate",
            [
                *("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"),
                "s3:ObjectOwnerOverrideToBucketOwner",
            ],
            f"{arn}/*",
        )
        bucket = allow("LetTheSourceLook", ["s3:List*", "s3:GetBucketVersioning"], arn)
        return document(*({**statement, "Principal": {"AWS": self.role}} for statement in (objects, bucket)))

    # Step 6
    def create_rule(self) -> None:
        """The rule."""
        self.put_rule(self.configuration())

    def put_rule(self, configuration: dict) -> None:
        """Sets the replication configuration."""
        self.source_s3.put_bucket_replication(Bucket=self.source, ReplicationConfiguration=configuration)

    def configuration(self) -> dict:
        """One rule for the canaries' prefix."""
        return replication(self.role, self.replica, REPLICA_ACCOUNT, self.replica_key)

    # Step 7
    def verify(self) -> tuple[str | None, str | None]:
        """Uploads an object and answers the source's last word and S3's reason, as soon as there is one."""
        key = f"replicanary/{self.name}"
        version = self.source_s3.put_object(Bucket=self.source, Key=key, Body=b"verify")["VersionId"]
        status = wait_until(
            f"a terminal status of {key}",
            20,
            lambda: [current_status(self.source_s3, self.source, key, version)],
            lambda seen: seen[0] != "PENDING",
        )[0]
        destinations = self.sim.truth(self.source, key, version)["destinations"]
        self.source_s3.delete_object(Bucket=self.source, Key=key, VersionId=version)
        try:
            self.replica_s3.delete_object(Bucket=self.replica, Key=key, VersionId=version)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchBucket", "AccessDenied"):
                raise
        return status, destinations[0]["reason"] if destinations else None

    def routes(self) -> str:
        """This set-up as a route of the monitor."""

        def side(bucket: str, region: str, account: str, key: str) -> str:
            access_key, secret = self.sim.keys[account]
            return (
                f'{{ bucket: {bucket}, region: {region}, account: "{account}", endpoint_url: {self.sim.url}, '
                f'path_style: true, access_key_id: {access_key}, secret_access_key: "{secret}", kms_key: "{key}" }}'
            )

        return f"""routes:
  - name: {self.name}
    source: {side(self.source, SOURCE_REGION, SOURCE_ACCOUNT, self.source_key)}
    destinations:
      - {side(self.replica, REPLICA_REGION, REPLICA_ACCOUNT, self.replica_key)}
    canary: {{ prefix: "replicanary/", interval: 2s, objective: 10s, deadline: 25s }}
    settle: 0s
"""


def allow(sid: str, actions: str | list[str], resource: str | list[str]) -> dict:
    """A statement that allows."""
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def administered_by(account: str) -> dict:
    """The statement that no key policy should be without."""
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return {**allow("EnableIamPolicies", "kms:*", "*"), "Principal": principal}


def through_s3(region: str, bucket_arn: str) -> dict:
    """The key is used by S3 for this bucket: by object and, with Bucket Keys, by bucket."""
    context = [f"{bucket_arn}/*", bucket_arn]
    return {
        "StringLike": {"kms:ViaService": f"s3.{region}.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": context}
    }
