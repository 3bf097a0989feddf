"""The AWS CLI against an empty simulated world: the set-up of the tutorial, typed as the tutorial has it."""

import json
import shutil
import sys
from pathlib import Path

from ring.case import RingCase
from ring.simulator import Simulator, bucket_encryption, replication, trust
from ring.tutorial import administered_by, allow, document
from ring.waiting import wait_until

SOURCE = ("111111111111", "ap-south-1")
REPLICA = ("222222222222", "us-east-1")


class AwsCli(RingCase):
    """One long journey: each command needs what the ones before it made."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.aws_command = shutil.which("aws", path=Path(sys.executable).parent) or "aws"
        cls.sim = Simulator(cls, "empty")
        cls.keys: dict[tuple[str, str], str] = {}

    def run_aws(self, side: tuple[str, str], command: str, *more: object, **env: str):
        """Runs one command with the keys and the Region of a side."""
        account, region = side
        access_key, secret = self.sim.keys[account]
        settings = {
            "AWS_ENDPOINT_URL": self.sim.url,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
        }
        return self.run_to_end([self.aws_command, *command.split(), *more], env={**settings, **env})

    def aws(self, side: tuple[str, str], command: str, *more: object, **env: str) -> dict:
        """The JSON that a command answers; it must succeed."""
        done = self.run_aws(side, command, *more, **env)
        self.assertEqual(done.returncode, 0, f"aws {command}: {done.stderr}")
        return json.loads(done.stdout or "{}")

    def refused(self, code: str, side: tuple[str, str], command: str, *more: object, **env: str) -> None:
        """The command fails and says that code."""
        done = self.run_aws(side, command, *more, **env)
        self.assertNotEqual(done.returncode, 0, f"aws {command} should have been refused: {done.stdout}")
        self.assertIn(code, done.stderr)

    def test_a_set_up_is_built_used_and_guarded(self) -> None:
        self.build()
        version = self.replicates()
        self.refuses(version)
        self.deletes(version)

    def build(self) -> None:
        """Buckets, versioning, keys, encryption, role, rule."""
        self.assertEqual(self.aws(SOURCE, "sts get-caller-identity")["Account"], SOURCE[0])
        self.aws(
            SOURCE,
            "s3api create-bucket --bucket cli-source --create-bucket-configuration",
            f"LocationConstraint={SOURCE[1]}",
        )
        self.aws(REPLICA, "s3api create-bucket --bucket cli-replica")
        for side, bucket in ((SOURCE, "cli-source"), (REPLICA, "cli-replica")):
            versioning = "--versioning-configuration Status=Enabled"
            self.aws(side, f"s3api put-bucket-versioning --bucket {bucket} {versioning}")
            key = self.aws(side, "kms create-key --description replication")["KeyMetadata"]["Arn"]
            self.keys[side] = key
            self.aws(side, f"kms create-alias --alias-name alias/{bucket} --target-key-id {key}")
            self.aws(
                side,
                f"s3api put-bucket-encryption --bucket {bucket} --server-side-encryption-configuration",
                json.dumps(bucket_encryption(key)),
            )
        trusted = trust({"Service": "s3.amazonaws.com"})
        role = self.aws(SOURCE, "iam create-role --role-name replication --assume-role-policy-document", trusted)
        self.permit(role["Role"]["Arn"])
        configuration = replication(role["Role"]["Arn"], "cli-replica", REPLICA[0], self.keys[REPLICA])
        self.aws(
            SOURCE,
            "s3api put-bucket-replication --bucket cli-source --replication-configuration",
            json.dumps(configuration),
        )
        read = self.aws(SOURCE, "s3api get-bucket-replication --bucket cli-source")
        self.assertEqual(read["ReplicationConfiguration"], configuration)

    def permit(self, role: str) -> None:
        """What the role may do, by its own policy and by those of the destination's bucket and key."""
        write = allow("Write", ["s3:ReplicateObject", "s3:ReplicateTags"], "arn:aws:s3:::cli-replica/*")
        encrypt = allow("Encrypt", ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"], self.keys[REPLICA])
        policy = document(
            allow("Bucket", ["s3:GetReplicationConfiguration", "s3:ListBucket"], "arn:aws:s3:::cli-source"),
            allow("Objects", ["s3:GetObjectVersion*"], "arn:aws:s3:::cli-source/*"),
            allow("Decrypt", "kms:Decrypt", self.keys[SOURCE]),
            write,
            encrypt,
        )
        put = "iam put-role-policy --role-name replication --policy-name replication --policy-document"
        self.aws(SOURCE, put, json.dumps(policy))
        principal = {"Principal": {"AWS": role}}
        put = "s3api put-bucket-policy --bucket cli-replica --policy"
        self.aws(REPLICA, put, json.dumps(document({**write, **principal})))
        put = f"kms put-key-policy --policy-name default --key-id {self.keys[REPLICA]} --policy"
        policy = document(administered_by(REPLICA[0]), {**encrypt, **principal, "Resource": "*"})
        self.aws(REPLICA, put, json.dumps(policy))

    def replicates(self) -> str:
        """An object arrives under the same version id and the replica's key; returns its version."""
        body = self.directory / "body"
        body.write_text("canary")
        put = self.aws(SOURCE, f"s3api put-object --bucket cli-source --key replicanary/cli --body {body}")
        version = put["VersionId"]
        wanted = f"--key replicanary/cli --version-id {version}"
        source = self.aws(SOURCE, f"s3api head-object --bucket cli-source {wanted}")
        self.assertIn(source["ReplicationStatus"], ("PENDING", "COMPLETED"))
        wait_until(
            "COMPLETED at the source",
            20,
            lambda: self.aws(SOURCE, f"s3api head-object --bucket cli-source {wanted}")["ReplicationStatus"],
            lambda status: status == "COMPLETED",
        )
        replica = self.aws(REPLICA, f"s3api head-object --bucket cli-replica {wanted}")
        self.assertEqual((replica["ReplicationStatus"], replica["VersionId"]), ("REPLICA", version))
        self.assertEqual(replica["SSEKMSKeyId"], self.keys[REPLICA])
        self.assertEqual(replica["LastModified"], source["LastModified"])
        copy = self.directory / "copy"
        self.aws(REPLICA, f"s3api get-object --bucket cli-replica {wanted} {copy}")
        self.assertEqual(copy.read_text(), "canary")
        return version

    def refuses(self, version: str) -> None:
        """Wrong owner, wrong secret, wrong external id, another account's bucket."""
        wanted = f"--bucket cli-source --key replicanary/cli --version-id {version}"
        self.refused("403", SOURCE, f"s3api head-object {wanted} --expected-bucket-owner {REPLICA[0]}")
        self.refused("SignatureDoesNotMatch", SOURCE, "s3api list-buckets", AWS_SECRET_ACCESS_KEY="wrong")
        self.refused("AccessDenied", (REPLICA[0], SOURCE[1]), "s3api list-object-versions --bucket cli-source")
        principal = {"AWS": f"arn:aws:iam::{SOURCE[0]}:root"}
        trusted = trust(principal, {"StringEquals": {"sts:ExternalId": "shared-secret"}})
        created = self.aws(REPLICA, "iam create-role --role-name monitor --assume-role-policy-document", trusted)
        assume = f"sts assume-role --role-arn {created['Role']['Arn']} --role-session-name ring --external-id"
        self.refused("AccessDenied", SOURCE, assume, "guessed")
        self.assertIn("SessionToken", self.aws(SOURCE, assume, "shared-secret")["Credentials"])

    def deletes(self, version: str) -> None:
        """A delete by version is of that side alone."""
        wanted = f"--key replicanary/cli --version-id {version}"
        self.aws(SOURCE, f"s3api delete-object --bucket cli-source {wanted}")
        self.assertNotIn("Versions", self.aws(SOURCE, "s3api list-object-versions --bucket cli-source"))
        listed = self.aws(REPLICA, "s3api list-object-versions --bucket cli-replica")
        self.assertEqual([entry["VersionId"] for entry in listed["Versions"]], [version])
        self.aws(REPLICA, f"s3api delete-object --bucket cli-replica {wanted}")
        self.aws(REPLICA, "s3api delete-bucket --bucket cli-replica")
