//! The shipped worlds: which routes they have, how each is set up, and what is broken from the start.

mod policies;

use std::time::Duration;

use super::world::{
    Access, Algorithm, BucketEncryption, CreateKey, CreateRole, Fault, Moment, Physics, ReplicaEncryption,
    ReplicationConfiguration, ReplicationMetrics, ReplicationRule, RuleDestination, RuleFilter, SourceSelection, World,
    WorldError,
};

/// What was there when a world begins was made this long before.
const AGE: Duration = Duration::from_secs(30 * 86_400);

/// For this long before the beginning there are metrics.
const HISTORY: Duration = Duration::from_secs(3600);

const ALPHA: &str = "111111111111";
const BETA: &str = "222222222222";
const GAMMA: &str = "333333333333";

/// The shipped worlds: name and one line about each.
pub(super) const WORLDS: &[(&str, &str)] = &[
    ("default", "eight healthy routes over three accounts and nine Regions, one of them with two destinations"),
    ("demo", "the same routes, most of them broken, each in another way"),
    ("empty", "two accounts, 111111111111 and 222222222222, with nothing in them"),
];

/// A route of the shipped worlds.
struct Plan {
    name: &'static str,
    source: Place,
    destinations: &'static [Place],
    /// What is on in `demo`, and at which destination if not at all.
    fault: Option<(Fault, Option<usize>)>,
}

/// An account and a Region.
struct Place(&'static str, &'static str);

const PLANS: &[Plan] = &[
    Plan { name: "orders", source: Place(ALPHA, "ap-south-1"), destinations: &[Place(BETA, "us-east-1")], fault: None },
    Plan {
        name: "invoices",
        source: Place(ALPHA, "eu-west-1"),
        destinations: &[Place(GAMMA, "eu-central-1")],
        fault: Some((Fault::Slow, None)),
    },
    Plan {
        name: "media",
        source: Place(BETA, "us-east-1"),
        destinations: &[Place(GAMMA, "us-west-2")],
        fault: Some((Fault::Outage, None)),
    },
    Plan {
        name: "telemetry",
        source: Place(BETA, "us-west-2"),
        destinations: &[Place(ALPHA, "ap-southeast-2")],
        fault: Some((Fault::RoleDenied, None)),
    },
    Plan {
        name: "payroll",
        source: Place(GAMMA, "eu-central-1"),
        destinations: &[Place(BETA, "eu-west-1")],
        fault: Some((Fault::RuleDisabled, None)),
    },
    Plan {
        name: "backups",
        source: Place(GAMMA, "ap-northeast-1"),
        destinations: &[Place(ALPHA, "ap-south-1"), Place(BETA, "us-east-2")],
        fault: Some((Fault::WrongReplicaKey, Some(1))),
    },
    Plan {
        name: "catalog",
        source: Place(ALPHA, "us-east-2"),
        destinations: &[Place(BETA, "eu-north-1")],
        fault: Some((Fault::DestinationKeyDisabled, None)),
    },
    Plan {
        name: "sessions",
        source: Place(BETA, "ap-south-1"),
        destinations: &[Place(GAMMA, "eu-west-1")],
        fault: Some((Fault::AccessDenied, None)),
    },
];

/// Builds the world of that name as it is at `now`; `None` when there is no such world.
///
/// # Errors
/// What the world itself refused: a mistake in the plans, which a test rules out.
pub(super) fn build(name: &str, physics: Physics, now: Moment) -> Option<Result<World, WorldError>> {
    let begin = Moment::from_micros(now.micros().saturating_sub(Moment::from_unix(AGE).micros()));
    let mut world = World::new(physics);
    let (accounts, plans): (&[&str], &[Plan]) = match name {
        "default" | "demo" => (&[ALPHA, BETA, GAMMA], PLANS),
        "empty" => (&[ALPHA, BETA], &[]),
        _ => return None,
    };
    accounts.iter().for_each(|account| world.open_account(begin, account));
    if let Err(refusal) = plans.iter().try_for_each(|plan| lay_out(&mut world, begin, plan)) {
        return Some(Err(refusal));
    }
    world.live_through(now, now.minus(HISTORY));
    if name == "demo" {
        for plan in plans {
            let Some((fault, destination)) = plan.fault else { continue };
            let destination = destination.map(|index| plan.destination_bucket(&plan.destinations[index]));
            if let Err(mistake) = world.set_fault(now, plan.name, destination.as_deref(), fault, true, None) {
                return Some(Err(WorldError::new(500, "InternalError", mistake.to_string())));
            }
        }
    }
    Some(Ok(world))
}

impl Plan {
    fn source_bucket(&self) -> String {
        format!("acme-{}-{}", self.name, self.source.1)
    }

    fn destination_bucket(&self, place: &Place) -> String {
        format!("acme-{}-replica-{}", self.name, place.1)
    }

    fn role_name(&self) -> String {
        format!("s3-replication-{}", self.name)
    }
}

/// Sets up one route as AWS advises: versioned buckets with a customer managed key each, a role of its own with no
/// more rights than it needs, a rule for everything in the bucket.
fn lay_out(world: &mut World, now: Moment, plan: &Plan) -> Result<(), WorldError> {
    let source = access(world, &plan.source);
    let role = world.create_role(
        now,
        &source.caller,
        CreateRole {
            name: plan.role_name(),
            path: Some("/service-role/".to_owned()),
            trust_policy: policies::trust().to_string(),
            description: Some(format!("Lets S3 replicate {}", plan.source_bucket())),
            max_session_seconds: None,
            boundary: None,
        },
    )?;
    let source_side = side(world, now, &plan.source, plan.source_bucket(), None)?;
    let mut destinations = Vec::new();
    for place in plan.destinations {
        let side = side(world, now, place, plan.destination_bucket(place), Some(&role.arn))?;
        let there = access(world, place);
        let policy = policies::destination_bucket(&side, &role.arn).to_string();
        world.put_bucket_policy(now, &there, &side.bucket, &policy)?;
        destinations.push(side);
    }
    let policy = policies::role(&source_side, &destinations).to_string();
    world.put_role_policy(now, &source.caller, &role.name, "replication", &policy)?;
    let rules = (1..).zip(&destinations).map(|(priority, side)| rule(plan, priority, side)).collect();
    let configuration = ReplicationConfiguration { role: role.arn, rules };
    world.put_replication(now, &source, &source_side.bucket, configuration)?;
    world.name_route(now, plan.name, &source_side.bucket);
    Ok(())
}

/// A bucket with the key that its objects are encrypted under.
struct Side {
    bucket: String,
    account: String,
    region: String,
    key_arn: String,
}

fn side(world: &mut World, now: Moment, place: &Place, bucket: String, role: Option<&str>) -> Result<Side, WorldError> {
    let access = access(world, place);
    let Place(account, region) = *place;
    let key = CreateKey {
        policy: Some(policies::key(account, role).to_string()),
        description: Some(format!("Objects in {bucket}")),
        ..CreateKey::default()
    };
    let key_arn = world.create_key(now, &access.caller, region, key)?.arn;
    let alias = format!("alias/{bucket}");
    world.create_alias(now, &access.caller, region, &alias, &key_arn)?;
    world.create_bucket(now, &access, &bucket, Some(region).filter(|region| *region != "us-east-1"), None)?;
    world.put_versioning(now, &access, &bucket, true)?;
    let encryption = BucketEncryption { algorithm: Algorithm::Kms, key_id: Some(key_arn.clone()), bucket_key: false };
    world.put_encryption(now, &access, &bucket, encryption)?;
    Ok(Side { bucket, account: account.to_owned(), region: region.to_owned(), key_arn })
}

fn access(world: &World, place: &Place) -> Access {
    Access::of_root(world, place.0, place.1)
}

fn rule(plan: &Plan, priority: i32, side: &Side) -> ReplicationRule {
    ReplicationRule {
        id: Some(format!("{}-to-{}", plan.name, side.region)),
        priority: Some(priority),
        enabled: true,
        prefix: None,
        filter: Some(RuleFilter::Prefix(String::new())),
        delete_markers: Some(false),
        existing_objects: None,
        source_selection: Some(SourceSelection { sse_kms_objects: Some(true), replica_modifications: None }),
        destination: RuleDestination {
            bucket: format!("arn:aws:s3:::{}", side.bucket),
            account: Some(side.account.clone()),
            storage_class: None,
            owner: Some("Destination".to_owned()),
            encryption: Some(ReplicaEncryption { replica_kms_key_id: Some(side.key_arn.clone()) }),
            metrics: Some(ReplicationMetrics { enabled: true, event_threshold_minutes: None }),
            time: None,
        },
    }
}

#[cfg(test)]
mod tests;
