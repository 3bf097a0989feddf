"""The cross-account tutorial followed with boto3 on an empty simulated AWS, whole and then with one step wrong: what S3
does with an object, and what `check` says."""

import itertools
import json

from botocore.exceptions import ClientError

from ring.case import BINARY, RingCase
from ring.ports import free_ports
from ring.simulator import Simulator, trust
from ring.tutorial import REPLICA_ACCOUNT, Tutorial, administered_by, document


class TutorialCase(RingCase):
    """Each test follows the tutorial with buckets, keys and a role of its own."""

    counter = itertools.count(1)

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.sim = Simulator(cls, "empty")

    def tutorial(self) -> Tutorial:
        """A new set-up, not begun."""
        return Tutorial(self.sim, f"crr-{next(self.counter)}")

    def check(self, tutorial: Tutorial) -> tuple[int, dict]:
        """Exit code and findings of `check`."""
        config = self.directory / f"{tutorial.name}.yaml"
        config.write_text(f"listen: 127.0.0.1:{free_ports()}\n{tutorial.routes()}")
        done = self.run_to_end([BINARY, "check", "--config", config, "--format", "json"], 30)
        self.assertIn(done.returncode, (0, 1, 2), done.stderr)
        (route,) = json.loads(done.stdout)["routes"]
        return done.returncode, route

    def faults(self, route: dict, severity: str = "error") -> list[dict]:
        """The faults of a severity."""
        return [one for one in route["findings"] if one["outcome"] == "fault" and one["severity"] == severity]

    def assert_broken(self, tutorial: Tutorial, status: str | None, reason: str | None, word: str) -> None:
        """S3 ends the object so, for that reason, and `check` names what is wrong with evidence and remedy."""
        self.assertEqual(tutorial.verify(), (status, reason))
        code, route = self.check(tutorial)
        errors = self.faults(route)
        self.assertEqual(code, 1, route)
        self.assertTrue(1 <= len(errors) <= 3, errors)
        self.assertIn(word, " ".join(one["id"] for one in errors))
        for one in errors:
            self.assertTrue(one["evidence"] and one["remedy"] and one["title"], one)
        self.assertIsNotNone(route["cause"], route)

    def test_the_corrected_tutorial_replicates_and_check_finds_nothing_above_info(self) -> None:
        tutorial = self.tutorial().follow()
        self.assertEqual(tutorial.verify(), ("COMPLETED", None))
        code, route = self.check(tutorial)
        above = [one for one in route["findings"] if one["outcome"] != "ok" and one["severity"] != "info"]
        self.assertEqual((code, above, route["cause"]), (0, [], None))

    def test_documents_as_printed_are_refused_by_iam(self) -> None:
        tutorial = self.tutorial()
        tutorial.create_buckets()
        tutorial.create_keys()
        trusted = trust({"Service": "s3.amazonaws.com"})
        tutorial.iam.create_role(RoleName=tutorial.role_name, AssumeRolePolicyDocument=trusted)
        policy = tutorial.role_policy()
        policy["Statement"][0]["Action"] = ["s3:GetReplicationConfiguration", "s3>ListBucket"]
        with self.assertRaises(ClientError) as caught:
            tutorial.put_role_policy(policy)
        self.assertEqual(caught.exception.response["Error"]["Code"], "MalformedPolicyDocument")
        policy = tutorial.role_policy()
        policy["Statement"][2]["Resource"] = f"arn:aws:s3::{tutorial.replica}/*"
        with self.assertRaises(ClientError) as caught:
            tutorial.put_role_policy(policy)
        self.assertEqual(caught.exception.response["Error"]["Code"], "MalformedPolicyDocument")

    def test_an_action_that_does_not_exist_grants_nothing(self) -> None:
        tutorial = self.tutorial().follow()
        policy = tutorial.role_policy()
        policy["Statement"][2]["Action"] = ["s3:ReplicateObjectTagsToBucketOwner", "s3:ReplicateDelete"]
        tutorial.put_role_policy(policy)
        self.assert_broken(tutorial, "FAILED", "DstPutObjectNotPermitted", "role")
        _, route = self.check(tutorial)
        self.assertIn("s3:ReplicateObjectTagsToBucketOwner", json.dumps(self.everything_wrong(route)))

    def everything_wrong(self, route: dict) -> list[dict]:
        """Every finding that is no green line."""
        return [one for one in route["findings"] if one["outcome"] != "ok"]

    def test_a_trust_policy_for_somebody_else(self) -> None:
        tutorial = self.tutorial().follow()
        document = trust({"Service": "ec2.amazonaws.com"})
        tutorial.iam.update_assume_role_policy(RoleName=tutorial.role_name, PolicyDocument=document)
        self.assert_broken(tutorial, "FAILED", "AssumeRoleNotPermitted", "trust")

    def test_a_role_without_the_right_to_read_versions_for_replication(self) -> None:
        tutorial = self.tutorial().follow()
        policy = tutorial.role_policy()
        policy["Statement"][1]["Action"] = ["s3:GetObjectVersion", "s3:GetObjectVersionAcl"]
        tutorial.put_role_policy(policy)
        self.assert_broken(tutorial, "FAILED", "SrcGetObjectNotPermitted", "role")

    def test_a_role_that_may_not_decrypt_the_source_key(self) -> None:
        tutorial = self.tutorial().follow()
        policy = tutorial.role_policy()
        del policy["Statement"][3]
        tutorial.put_role_policy(policy)
        self.assert_broken(tutorial, "FAILED", "SrcGetObjectNotPermitted", "role_decrypts_source")

    def test_a_destination_key_policy_without_the_role(self) -> None:
        tutorial = self.tutorial().follow()
        only_admin = document(administered_by(REPLICA_ACCOUNT))
        tutorial.put_key_policy(tutorial.replica_kms, tutorial.replica_key, only_admin)
        self.assert_broken(tutorial, "FAILED", "DstPutObjectNotPermitted", "key")

    def test_object_arns_as_encryption_context_while_bucket_keys_are_on(self) -> None:
        tutorial = self.tutorial().follow()
        policy = tutorial.role_policy()
        for statement in policy["Statement"][3:]:
            context = statement["Condition"]["StringLike"]
            context["kms:EncryptionContext:aws:s3:arn"] = context["kms:EncryptionContext:aws:s3:arn"][:1]
        tutorial.put_role_policy(policy)
        self.assert_broken(tutorial, "FAILED", "SrcGetObjectNotPermitted", "key")

    def test_no_destination_bucket_policy(self) -> None:
        tutorial = self.tutorial().follow()
        tutorial.replica_s3.delete_bucket_policy(Bucket=tutorial.replica)
        self.assert_broken(tutorial, "FAILED", "DstPutObjectNotPermitted", "destination")

    def test_a_deny_on_everything_that_does_not_come_through_an_endpoint(self) -> None:
        tutorial = self.tutorial().follow()
        policy = tutorial.bucket_policy()
        deny = {
            "Sid": "OnlyThroughTheEndpoint",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:ReplicateObject", "s3:ReplicateDelete"],
            "Resource": f"arn:aws:s3:::{tutorial.replica}/*",
            "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
        }
        policy["Statement"].append(deny)
        tutorial.put_bucket_policy(policy)
        self.assert_broken(tutorial, "FAILED", "DstPutObjectNotPermitted", "destination")

    def test_a_role_deleted_and_created_again(self) -> None:
        tutorial = self.tutorial().follow()
        tutorial.iam.delete_role_policy(RoleName=tutorial.role_name, PolicyName="replication")
        tutorial.iam.delete_role(RoleName=tutorial.role_name)
        tutorial.create_role()
        principal = tutorial.replica_s3.get_bucket_policy(Bucket=tutorial.replica)["Policy"]
        self.assertIn("AROA", principal)
        status, reason = tutorial.verify()
        self.assertEqual((status, reason), ("FAILED", "DstPutObjectNotPermitted"))
        code, route = self.check(tutorial)
        self.assertEqual(code, 1)
        self.assertIn("AROA", json.dumps(self.faults(route)))

    def test_a_rule_for_another_prefix(self) -> None:
        tutorial = self.tutorial().follow()
        configuration = tutorial.configuration()
        configuration["Rules"][0]["Filter"] = {"Prefix": "orders/"}
        tutorial.put_rule(configuration)
        self.assert_broken(tutorial, None, None, "rule")

    def test_a_disabled_rule(self) -> None:
        tutorial = self.tutorial().follow()
        configuration = tutorial.configuration()
        configuration["Rules"][0]["Status"] = "Disabled"
        tutorial.put_rule(configuration)
        self.assert_broken(tutorial, None, None, "rule")

    def test_a_replica_key_of_another_region(self) -> None:
        tutorial = self.tutorial().follow()
        elsewhere = self.sim.client("kms", REPLICA_ACCOUNT, "eu-north-1").create_key()["KeyMetadata"]["Arn"]
        configuration = tutorial.configuration()
        configuration["Rules"][0]["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"] = elsewhere
        tutorial.put_rule(configuration)
        self.assert_broken(tutorial, "FAILED", "DstKmsKeyNotFound", "key")

    def test_versioning_suspended_at_the_destination(self) -> None:
        tutorial = self.tutorial().follow()
        suspended = {"Status": "Suspended"}
        tutorial.replica_s3.put_bucket_versioning(Bucket=tutorial.replica, VersioningConfiguration=suspended)
        self.assert_broken(tutorial, "FAILED", "DstBucketUnversioned", "versioning")

    def test_a_public_statement_under_restricted_public_buckets(self) -> None:
        tutorial = self.tutorial().follow()
        policy = tutorial.bucket_policy()
        public = {
            "Sid": "Public",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{tutorial.replica}/public/*",
        }
        policy["Statement"].append(public)
        block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False}
        put = tutorial.replica_s3.put_public_access_block
        put(
            Bucket=tutorial.replica,
            PublicAccessBlockConfiguration={**block, "RestrictPublicBuckets": True},
        )
        tutorial.put_bucket_policy(policy)
        self.assert_broken(tutorial, "FAILED", "DstPutObjectNotPermitted", "public")
