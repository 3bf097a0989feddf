//! The file as written: every key with its description and default, before anything is checked.
//!
//! Everything is optional here, so that a missing key is told with its path beside all other faults. Keys that must
//! not be missing say so in the schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::text::{SecretText, Text};

macro_rules! shape {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$doc])*
        pub struct $name {
            $($(#[$field_doc])*
            #[serde(default, deserialize_with = "written", skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,)*
        }
    };
}

shape! {
    /// Configuration of Replicanary: the routes it proves, and how.
    #[schemars(title = "Replicanary configuration", extend("required" = ["routes"]))]
    FileShape {
        /// Names this monitor's canaries, so that several monitors can share a bucket. Lower-case letters, digits,
        /// `.`, `_` and `-`, at most 63.
        #[schemars(extend("default" = "default"))]
        instance: Text,
        /// Where metrics, health, API and page are served: `ADDRESS:PORT`, or `:PORT` for every address.
        #[schemars(extend("default" = "0.0.0.0:9977"))]
        listen: Text,
        /// How long running probes may take to finish after a signal to stop.
        #[schemars(extend("default" = "25s"))]
        shutdown_grace: Text,
        /// How many AWS calls may be in flight at once.
        limits: LimitsShape,
        /// What routes inherit, key by key.
        defaults: DefaultsShape,
        /// The routes: each one source bucket and its destinations.
        #[schemars(length(min = 1))]
        routes: Vec<RouteShape>,
    }
}

shape! {
    /// How many AWS calls may be in flight at once.
    LimitsShape {
        /// Calls in flight of the whole monitor.
        #[schemars(extend("default" = 512), range(min = 1, max = 10_000))]
        calls: u32,
        /// Calls in flight towards one account; at most `calls`.
        #[schemars(extend("default" = 256), range(min = 1, max = 10_000))]
        calls_per_account: u32,
    }
}

shape! {
    /// What routes inherit, key by key.
    DefaultsShape {
        /// What is written, how often, and by when it should have arrived.
        canary: CanaryShape,
        /// How closely an arrival is observed.
        poll: PollShape,
    }
}

shape! {
    /// One source bucket and its destinations.
    #[schemars(extend("required" = ["name", "source", "destinations"]))]
    RouteShape {
        /// The route's name: metric label, API path and part of every canary's key; unique. Lower-case letters,
        /// digits, `.`, `_` and `-`, at most 63.
        name: Text,
        /// The bucket that canaries are written to.
        source: SourceShape,
        /// The buckets that replicas are expected in.
        #[schemars(length(min = 1))]
        destinations: Vec<DestinationShape>,
        /// What is written, how often, and by when it should have arrived.
        canary: CanaryShape,
        /// How closely an arrival is observed.
        poll: PollShape,
        /// `aws`: the source sends `x-amz-replication-status`. `none`: it sends none, as S3-compatible servers do;
        /// then `failed` and `uncovered` cannot be told.
        #[schemars(extend("default" = "aws", "enum" = ["aws", "none"]))]
        replication_status: Text,
        /// Whether the route writes no canaries; with `paused_until`, no longer than that.
        #[schemars(extend("default" = false))]
        paused: bool,
        /// When the pause ends, RFC 3339; alone it pauses too.
        #[schemars(extend("examples" = ["2027-01-31T08:00:00Z"]))]
        paused_until: Text,
        /// How often KMS is asked for the keys of the route's sides, at least 1s; `off`: never, and then aliases cannot
        /// be compared.
        #[schemars(extend("default" = "5m"))]
        keys: Text,
        /// How often the whole set-up is audited (buckets, rule, role, keys, policies), at least 10s; `off`: never. By
        /// default 15m, and off where the source has an `endpoint_url` that is not AWS's.
        #[schemars(extend("examples" = ["15m"]))]
        audit: Text,
        /// How often the replication metrics of CloudWatch are read, at least 1s; `off` or `false`: never, which costs
        /// nothing. The default is `off` with `replication_status: none`.
        #[schemars(extend("default" = "5m", "type" = ["string", "boolean"]))]
        cloudwatch: Text,
        /// Whose credentials read the metrics that stand in the destination's Region; those of failures are always
        /// read as the source.
        #[schemars(extend("default" = "source", "enum" = ["source", "destination"]))]
        cloudwatch_account: Text,
        /// How long alerts wait after an observed change of rule, versioning or policies.
        #[schemars(extend("default" = "15m"))]
        settle: Text,
    }
}

shape! {
    /// What is written, how often, and by when it should have arrived.
    CanaryShape {
        /// The prefix of every canary's key. The replication rule has to cover it, and nothing else should live there.
        #[schemars(extend("default" = "replicanary/"))]
        prefix: Text,
        /// The time between two canaries; at least 1s.
        #[schemars(extend("default" = "60s"))]
        interval: Text,
        /// The size of a canary: bytes, or with `B`, `KiB`, `MiB`; at most 5MiB.
        #[schemars(extend("default" = "1KiB", "type" = ["string", "integer"]))]
        size: Text,
        /// A replica that arrives within it is `replicated`, after it `late`.
        #[schemars(extend("default" = "15m"))]
        objective: Text,
        /// A replica that has not arrived by then is `lost`; longer than `objective`.
        #[schemars(extend("default" = "60m"))]
        deadline: Text,
        /// When a canary that could not be removed is reported as leaked; longer than `deadline`.
        #[schemars(extend("default" = "48h"))]
        abandon_after: Text,
        /// Tags set at creation, for rules that filter on tags; at most 10. A route's tags replace those of `defaults`.
        tags: BTreeMap<String, Text>,
        /// Whether PUT names the source's `kms_key`. By default the bucket's default encryption applies, so that a
        /// change of it is seen; needed where a bucket policy demands the headers.
        #[schemars(extend("default" = false))]
        send_key: bool,
        /// Whether to go on writing although canaries cannot be deleted.
        #[schemars(extend("default" = false))]
        allow_retained: bool,
        /// The most canaries of the route that may be outstanding.
        #[schemars(extend("default" = 100), range(min = 1, max = 10_000))]
        max_pending: u32,
    }
}

shape! {
    /// How closely an arrival is observed.
    PollShape {
        /// The shortest time between two polls, shorter than `objective`; at least 10ms. The default is 2s or a
        /// hundredth of the objective, whichever is shorter.
        #[schemars(extend("examples" = ["2s"]))]
        floor: Text,
        /// The gap between polls as a share of the time since the write: `10%` or `0.1`; 1% to 100%.
        #[schemars(extend("default" = "10%", "type" = ["string", "number"]))]
        resolution: Text,
    }
}

/// A key that stands in the file needs a value: an empty one would silently check less.
fn written<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

macro_rules! side {
    ($(#[$doc:meta])* $name:ident { $($more:tt)* }) => {
        shape! {
            $(#[$doc])*
            $name {
                /// The bucket's name.
                bucket: Text,
                /// The bucket's Region, such as `ap-south-1`; any name where `endpoint_url` is given.
                region: Text,
                /// The 12-digit account that owns the bucket, sent as the expected owner on every call. Optional where
                /// `endpoint_url` is given.
                account: Text,
                /// The ARN of a role to assume, of the side's account.
                role_arn: Text,
                /// The external id that the role's trust policy asks for.
                external_id: SecretText,
                /// The KMS key that objects should be encrypted with: key ARN (best), key id, alias or alias ARN.
                kms_key: Text,
                /// A profile of the shared AWS configuration files; by default the standard credential chain applies.
                profile: Text,
                /// A static access key, for S3-compatible servers and the simulator; with `secret_access_key`.
                access_key_id: Text,
                /// The secret of `access_key_id`.
                secret_access_key: SecretText,
                /// The endpoint of every service called for this side: `http` or `https`, host and port.
                #[schemars(extend("examples" = ["http://127.0.0.1:9000"]))]
                endpoint_url: Text,
                /// Whether the bucket is named in the path instead of the host. The default is `true` where
                /// `endpoint_url` is given and `false` towards AWS.
                path_style: bool,
                /// `when_required` for servers that refuse checksums in trailers.
                #[schemars(extend("default" = "when_supported", "enum" = ["when_supported", "when_required"]))]
                checksums: Text,
                /// Whether FIPS endpoints are used.
                #[schemars(extend("default" = false))]
                use_fips: bool,
                /// Whether dual-stack endpoints are used.
                #[schemars(extend("default" = false))]
                use_dual_stack: bool,
                $($more)*
            }
        }

        impl $name {
            /// What both kinds of side have in common.
            pub(super) fn side(&self) -> Side<'_> {
                Side {
                    bucket: self.bucket.as_ref(),
                    region: self.region.as_ref(),
                    account: self.account.as_ref(),
                    role_arn: self.role_arn.as_ref(),
                    external_id: self.external_id.as_ref(),
                    kms_key: self.kms_key.as_ref(),
                    profile: self.profile.as_ref(),
                    access_key_id: self.access_key_id.as_ref(),
                    secret_access_key: self.secret_access_key.as_ref(),
                    endpoint_url: self.endpoint_url.as_ref(),
                    path_style: self.path_style,
                    checksums: self.checksums.as_ref(),
                    use_fips: self.use_fips.unwrap_or(false),
                    use_dual_stack: self.use_dual_stack.unwrap_or(false),
                }
            }
        }
    };
}

side! {
    /// The bucket that canaries are written to, and how it is reached.
    #[schemars(extend("required" = ["bucket", "region"]))]
    SourceShape {
        /// The URL of the SQS queue that the bucket's replication events are sent to, directly or through SNS. The
        /// queue has to be the monitor's own, for what it reads it deletes.
        #[schemars(extend("examples" = ["https://sqs.us-east-1.amazonaws.com/111111111111/replicanary-events"]))]
        event_queue: Text,
    }
}

side! {
    /// A bucket that replicas are expected in, how it is reached, and what is verified there.
    #[schemars(extend("required" = ["bucket", "region"]))]
    DestinationShape {
        /// The storage class that replicas should have, such as `STANDARD_IA`; not checked by default.
        storage_class: Text,
        /// The 12-digit account that should own replicas; not checked by default.
        owner: Text,
        /// `metadata`: what HEAD shows. `content`: the bytes too, by GET; needs `kms:Decrypt`.
        #[schemars(extend("default" = "metadata", "enum" = ["metadata", "content"]))]
        verify: Text,
        /// `replica`: HEAD of the replica. `source-only`: the destination lets nobody read, so the source's COMPLETED
        /// stands for arrival.
        #[schemars(extend("default" = "replica", "enum" = ["replica", "source-only"]))]
        observe: Text,
        /// `delete`: the monitor removes replicas by version id. `lifecycle`: an expiry rule on the prefix does.
        #[schemars(extend("default" = "delete", "enum" = ["delete", "lifecycle"]))]
        cleanup: Text,
    }
}

/// The keys that source and destination share.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) bucket: Option<&'a Text>,
    pub(super) region: Option<&'a Text>,
    pub(super) account: Option<&'a Text>,
    pub(super) role_arn: Option<&'a Text>,
    pub(super) external_id: Option<&'a SecretText>,
    pub(super) kms_key: Option<&'a Text>,
    pub(super) profile: Option<&'a Text>,
    pub(super) access_key_id: Option<&'a Text>,
    pub(super) secret_access_key: Option<&'a SecretText>,
    pub(super) endpoint_url: Option<&'a Text>,
    pub(super) path_style: Option<bool>,
    pub(super) checksums: Option<&'a Text>,
    pub(super) use_fips: bool,
    pub(super) use_dual_stack: bool,
}
