"""boto3 against an empty simulated world: a whole cross-account set-up is built and used, and refusals are AWS's."""

import json

from botocore.exceptions import ClientError

from ring.case import RingCase
from ring.ends import client
from ring.simulator import Simulator, bucket_encryption, current_status, replication, trust
from ring.tutorial import administered_by, allow, document
from ring.waiting import wait_until

SOURCE_ACCOUNT, REPLICA_ACCOUNT = "111111111111", "222222222222"
SOURCE_REGION, REPLICA_REGION = "ap-south-1", "us-east-1"
SOURCE, REPLICA = "canary-source", "canary-replica"


class Boto3SetUp(RingCase):
    """Every test uses the set-up that setUpClass builds; those that break it build their own buckets."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.sim = Simulator(cls, "empty")
        cls.source = cls.sim.client("s3", SOURCE_ACCOUNT, SOURCE_REGION)
        cls.replica = cls.sim.client("s3", REPLICA_ACCOUNT, REPLICA_REGION)
        cls.source_kms = cls.sim.client("kms", SOURCE_ACCOUNT, SOURCE_REGION)
        cls.replica_kms = cls.sim.client("kms", REPLICA_ACCOUNT, REPLICA_REGION)
        cls.source_key = cls.source_kms.create_key(Description="source")["KeyMetadata"]["Arn"]
        cls.replica_key = cls.replica_kms.create_key(Description="replicas")["KeyMetadata"]["Arn"]
        cls.iam = cls.sim.client("iam", SOURCE_ACCOUNT, "us-east-1")
        trusted = trust({"Service": "s3.amazonaws.com"})
        cls.role = cls.iam.create_role(RoleName="replication", AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
        encrypt = allow("Replicas", ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"], "*")
        policy = document(administered_by(REPLICA_ACCOUNT), {**encrypt, "Principal": {"AWS": cls.role}})
        cls.replica_kms.put_key_policy(KeyId=cls.replica_key, PolicyName="default", Policy=json.dumps(policy))
        cls.build(SOURCE, REPLICA)

    @classmethod
    def build(cls, source: str, replica: str) -> None:
        """Two versioned, encrypted buckets and the rule between them."""
        location = {"LocationConstraint": SOURCE_REGION}
        cls.source.create_bucket(Bucket=source, CreateBucketConfiguration=location)
        cls.replica.create_bucket(Bucket=replica)
        for s3, bucket, key in ((cls.source, source, cls.source_key), (cls.replica, replica, cls.replica_key)):
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=bucket_encryption(key))
        cls.permit(source, replica)
        configuration = replication(cls.role, replica, REPLICA_ACCOUNT, cls.replica_key)
        cls.source.put_bucket_replication(Bucket=source, ReplicationConfiguration=configuration)

    @classmethod
    def permit(cls, source: str, replica: str) -> None:
        """What the role may do with these two buckets, on both sides."""
        there = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"]
        write = allow("Write", there, f"arn:aws:s3:::{replica}/*")
        policy = document(
            allow("ReadBucket", ["s3:GetReplicationConfiguration", "s3:ListBucket"], f"arn:aws:s3:::{source}"),
            allow("ReadObjects", ["s3:GetObjectVersion*"], f"arn:aws:s3:::{source}/*"),
            write,
            allow("Decrypt", "kms:Decrypt", cls.source_key),
            allow("Encrypt", ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"], cls.replica_key),
        )
        text = json.dumps(policy)
        cls.iam.put_role_policy(RoleName="replication", PolicyName=source, PolicyDocument=text)
        policy = document({**write, "Principal": {"AWS": cls.role}})
        cls.replica.put_bucket_policy(Bucket=replica, Policy=json.dumps(policy))

    def refused(self, status: int, code: str | None, attempt, *arguments, **keywords) -> ClientError:
        """The attempt fails with that HTTP status and, where a body can tell, that code."""
        with self.assertRaises(ClientError) as caught:
            attempt(*arguments, **keywords)
        answer = caught.exception.response
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], status, answer)
        if code:
            self.assertEqual(answer["Error"]["Code"], code, answer)
        return caught.exception

    def put(self, key: str, bucket: str = SOURCE, **more) -> str:
        """Writes an object and returns its version id."""
        return self.source.put_object(Bucket=bucket, Key=key, Body=key.encode(), **more)["VersionId"]

    def arrived(self, key: str, version: str, bucket: str = REPLICA) -> dict:
        """HEAD of the replica, as soon as there is one."""
        wanted = {"Bucket": bucket, "Key": key, "VersionId": version}
        return wait_until(f"the replica of {key}", 15, lambda: self.replica.head_object(**wanted))

    def completed(self, key: str, version: str) -> None:
        """Waits for COMPLETED at the source."""
        wait_until(
            f"COMPLETED on {key}",
            15,
            lambda: current_status(self.source, SOURCE, key, version),
            lambda status: status == "COMPLETED",
        )

    def test_an_empty_world_has_two_accounts_and_nothing_in_them(self) -> None:
        world = self.sim.world
        self.assertEqual([account["id"] for account in world["accounts"]], [SOURCE_ACCOUNT, REPLICA_ACCOUNT])
        self.assertEqual((world["buckets"], world["keys"], world["routes"]), ([], [], []))

    def test_the_set_up_reads_back_as_it_was_built(self) -> None:
        self.assertEqual([bucket["Name"] for bucket in self.replica.list_buckets()["Buckets"]][:1], [REPLICA])
        self.assertEqual(self.source.get_bucket_versioning(Bucket=SOURCE)["Status"], "Enabled")
        encryption = self.source.get_bucket_encryption(Bucket=SOURCE)["ServerSideEncryptionConfiguration"]["Rules"][0]
        self.assertEqual(encryption["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"], self.source_key)
        self.assertTrue(encryption["BucketKeyEnabled"])
        configuration = self.source.get_bucket_replication(Bucket=SOURCE)["ReplicationConfiguration"]
        self.assertEqual(configuration, replication(self.role, REPLICA, REPLICA_ACCOUNT, self.replica_key))
        head = self.source.head_bucket(Bucket=SOURCE)["ResponseMetadata"]["HTTPHeaders"]
        self.assertEqual(head["x-amz-bucket-region"], SOURCE_REGION)
        ownership = self.source.get_bucket_ownership_controls(Bucket=SOURCE)["OwnershipControls"]["Rules"]
        self.assertEqual(ownership, [{"ObjectOwnership": "BucketOwnerEnforced"}])
        block = self.source.get_public_access_block(Bucket=SOURCE)["PublicAccessBlockConfiguration"]
        self.assertEqual(set(block.values()), {True}, "new buckets block public access")

    def test_an_object_goes_from_pending_to_completed_and_its_replica_is_the_same_version(self) -> None:
        key = "replicanary/journey"
        version = self.put(key, Metadata={"replicanary-format": "1"}, Tagging="team=storage", IfNoneMatch="*")
        self.assertEqual(current_status(self.source, SOURCE, key, version), "PENDING")
        self.refused(404, None, self.replica.head_object, Bucket=REPLICA, Key=key, VersionId=version)
        replica = self.arrived(key, version)
        self.completed(key, version)
        source = self.source.head_object(Bucket=SOURCE, Key=key, VersionId=version)
        self.assertEqual((replica["ReplicationStatus"], replica["VersionId"]), ("REPLICA", version))
        self.assertEqual(replica["LastModified"], source["LastModified"])
        self.assertEqual((source["SSEKMSKeyId"], replica["SSEKMSKeyId"]), (self.source_key, self.replica_key))
        self.assertTrue(source["BucketKeyEnabled"])
        self.assertEqual(replica["Metadata"], {"replicanary-format": "1"})
        body = self.replica.get_object(Bucket=REPLICA, Key=key, VersionId=version)["Body"].read()
        self.assertEqual(body, key.encode())
        tags = self.replica.get_object_tagging(Bucket=REPLICA, Key=key, VersionId=version)["TagSet"]
        self.assertEqual(tags, [{"Key": "team", "Value": "storage"}])
        (destination,) = self.sim.truth(SOURCE, key, version)["destinations"]
        self.assertEqual((destination["bucket"], destination["fails_at"]), (REPLICA, None))
        self.assertIsNotNone(destination["arrives_at"])

    def test_an_object_outside_the_rule_has_no_status_and_no_replica(self) -> None:
        version = self.put("elsewhere/object")
        self.assertIsNone(current_status(self.source, SOURCE, "elsewhere/object", version))
        self.assertEqual(self.sim.truth(SOURCE, "elsewhere/object", version)["destinations"], [])

    def test_deletes_by_version_do_not_replicate_and_leave_no_marker(self) -> None:
        key = "replicanary/deleted"
        version = self.put(key)
        self.arrived(key, version)
        self.completed(key, version)
        self.source.delete_object(Bucket=SOURCE, Key=key, VersionId=version)
        self.refused(404, None, self.source.head_object, Bucket=SOURCE, Key=key, VersionId=version)
        self.assertEqual(self.arrived(key, version)["VersionId"], version, "the replica outlives the source version")
        self.replica.delete_object(Bucket=REPLICA, Key=key, VersionId=version)
        for s3, bucket in ((self.source, SOURCE), (self.replica, REPLICA)):
            listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
            self.assertNotIn("Versions", listed)
            self.assertNotIn("DeleteMarkers", listed)
        self.assertEqual(self.sim.truth(SOURCE, key, version)["destinations"][0]["bucket"], REPLICA)

    def test_a_plain_delete_makes_a_marker_at_the_source_only(self) -> None:
        key = "replicanary/marked"
        version = self.put(key)
        self.arrived(key, version)
        self.assertTrue(self.source.delete_object(Bucket=SOURCE, Key=key)["DeleteMarker"])
        self.refused(404, None, self.source.head_object, Bucket=SOURCE, Key=key)
        self.assertEqual(len(self.source.list_object_versions(Bucket=SOURCE, Prefix=key)["DeleteMarkers"]), 1)
        self.assertNotIn("DeleteMarkers", self.replica.list_object_versions(Bucket=REPLICA, Prefix=key))

    def test_versions_are_listed_in_pages(self) -> None:
        versions = {self.put("paged/object") for _ in range(5)}
        pages = self.source.get_paginator("list_object_versions").paginate(
            Bucket=SOURCE, Prefix="paged/", PaginationConfig={"PageSize": 2}
        )
        sizes, seen = [], set()
        for page in pages:
            sizes.append(len(page["Versions"]))
            seen |= {entry["VersionId"] for entry in page["Versions"]}
        self.assertEqual((sizes, seen), ([2, 2, 1], versions))

    def test_a_disabled_replica_key_fails_objects_for_good(self) -> None:
        self.build("key-source", "key-replica")
        self.replica_kms.disable_key(KeyId=self.replica_key)
        self.addCleanup(self.replica_kms.enable_key, KeyId=self.replica_key)
        self.assertEqual(
            self.replica_kms.describe_key(KeyId=self.replica_key)["KeyMetadata"]["KeyState"], "Disabled"
        )
        key = "replicanary/failing"
        version = self.put(key, "key-source")
        wait_until(
            "FAILED at the source",
            15,
            lambda: current_status(self.source, "key-source", key, version),
            lambda status: status == "FAILED",
        )
        (destination,) = self.sim.truth("key-source", key, version)["destinations"]
        self.assertEqual((destination["arrives_at"], destination["reason"]), (None, "DstKmsKeyInvalidState"))

    def test_keys_go_through_their_states(self) -> None:
        kms = self.source_kms
        key = kms.create_key()["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/ring", TargetKeyId=key)
        self.assertEqual(kms.describe_key(KeyId="alias/ring")["KeyMetadata"]["Arn"], key)
        self.assertEqual(kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["KeyState"], "PendingDeletion")
        self.assertIn("DeletionDate", kms.describe_key(KeyId=key)["KeyMetadata"])
        kms.cancel_key_deletion(KeyId=key)
        self.assertEqual(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Disabled")
        kms.enable_key(KeyId=key)
        self.assertEqual(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Enabled")
        self.refused(400, "NotFoundException", kms.describe_key, KeyId="alias/no-such")

    def test_wrong_credentials_and_wrong_owners_are_refused(self) -> None:
        version = self.put("replicanary/guarded")
        wanted = {"Bucket": SOURCE, "Key": "replicanary/guarded", "VersionId": version}
        access_key, _ = self.sim.keys[SOURCE_ACCOUNT]
        wrong_secret = client("s3", self.sim.url, SOURCE_REGION, access_key, "wrong")
        self.refused(403, "SignatureDoesNotMatch", wrong_secret.get_object, **wanted)
        unknown_key = client("s3", self.sim.url, SOURCE_REGION, "AKIANOSUCHKEY0000000", "wrong")
        self.refused(403, "InvalidAccessKeyId", unknown_key.get_object, **wanted)
        self.refused(403, "AccessDenied", self.source.get_object, **wanted, ExpectedBucketOwner=REPLICA_ACCOUNT)
        self.assertIn("ETag", self.source.get_object(**wanted, ExpectedBucketOwner=SOURCE_ACCOUNT))
        other = self.sim.client("s3", REPLICA_ACCOUNT, SOURCE_REGION)
        self.refused(403, "AccessDenied", other.get_object, **wanted)
        self.refused(403, "AccessDenied", other.put_object, Bucket=SOURCE, Key="replicanary/theirs", Body=b"")
        again = {"Bucket": SOURCE, "Key": wanted["Key"], "IfNoneMatch": "*"}
        self.refused(412, "PreconditionFailed", self.source.put_object, **again)
        self.refused(404, "NoSuchBucket", self.source.get_object, Bucket="no-such-bucket-here", Key="a")

    def test_a_role_is_assumed_with_the_right_external_id_only(self) -> None:
        iam = self.sim.client("iam", REPLICA_ACCOUNT, "us-east-1")
        trusted = trust(
            {"AWS": f"arn:aws:iam::{SOURCE_ACCOUNT}:root"}, {"StringEquals": {"sts:ExternalId": "shared-secret"}}
        )
        iam.create_role(RoleName="monitor", AssumeRolePolicyDocument=trusted)
        role = iam.get_role(RoleName="monitor")["Role"]["Arn"]
        sts = self.sim.client("sts", SOURCE_ACCOUNT, "us-east-1")
        wanted = {"RoleArn": role, "RoleSessionName": "ring"}
        self.refused(403, "AccessDenied", sts.assume_role, **wanted, ExternalId="guessed")
        self.refused(403, "AccessDenied", sts.assume_role, **wanted)
        session = sts.assume_role(**wanted, ExternalId="shared-secret")["Credentials"]
        keys = (session["AccessKeyId"], session["SecretAccessKey"])
        inside = client("sts", self.sim.url, "us-east-1", *keys, aws_session_token=session["SessionToken"])
        identity = inside.get_caller_identity()
        self.assertEqual(identity["Account"], REPLICA_ACCOUNT)
        self.assertEqual(identity["Arn"], f"arn:aws:sts::{REPLICA_ACCOUNT}:assumed-role/monitor/ring")
        without_token = client("sts", self.sim.url, "us-east-1", *keys)
        self.refused(403, None, without_token.get_caller_identity)

    def test_replication_configurations_are_validated_as_s3_does(self) -> None:
        location = {"LocationConstraint": SOURCE_REGION}
        self.source.create_bucket(Bucket="unversioned-source", CreateBucketConfiguration=location)
        configuration = replication(self.role, REPLICA, REPLICA_ACCOUNT, self.replica_key)
        put = self.source.put_bucket_replication
        self.refused(400, "InvalidRequest", put, Bucket="unversioned-source", ReplicationConfiguration=configuration)
        self.refused(
            404,
            "ReplicationConfigurationNotFoundError",
            self.source.get_bucket_replication,
            Bucket="unversioned-source",
        )
        del configuration["Rules"][0]["SourceSelectionCriteria"]
        self.refused(400, "InvalidRequest", put, Bucket=SOURCE, ReplicationConfiguration=configuration)
        self.source.delete_bucket(Bucket="unversioned-source")
        self.refused(404, None, self.source.head_bucket, Bucket="unversioned-source")

    def test_what_is_not_simulated_says_so(self) -> None:
        access_key, _ = self.sim.keys[SOURCE_ACCOUNT]
        stranger = client("s3", self.sim.url, SOURCE_REGION, access_key, "wrong")
        self.refused(403, "SignatureDoesNotMatch", stranger.get_bucket_website, Bucket=SOURCE)
        self.refused(501, "NotImplemented", self.source.get_bucket_website, Bucket=SOURCE)
        self.refused(501, "NotImplemented", self.source.create_multipart_upload, Bucket=SOURCE, Key="replicanary/parts")
