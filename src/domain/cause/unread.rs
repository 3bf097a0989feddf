//! What keeps the monitor from reading a set-up, told once: dozens of refused reads have one reason.

use super::id::CauseId;
use super::symptom;
use super::{Cause, Confidence};
use crate::domain::audit::facts::{RouteFacts, SideFacts, Unread};
use crate::domain::object::Trouble;
use crate::domain::reason::Reason;

/// The monitor's own trouble behind the facts that could not be read; `None` where all were.
///
/// A HEAD is refused without a word, so whatever says more about the same side comes first.
#[must_use]
pub fn of_facts(facts: &RouteFacts) -> Option<Cause> {
    let sides = std::iter::once(&facts.source).chain(&facts.destinations);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for side in sides {
        of_side(side).into_iter().for_each(|unread| group(&mut groups, &side.bucket.name, unread));
    }
    let replication = facts.replication.as_ref().err();
    let role = facts.role.iter().flat_map(|role| {
        let reads = [role.role.as_ref().err(), role.inline.as_ref().err(), role.attached.as_ref().err()];
        reads.into_iter().flatten()
    });
    replication.into_iter().chain(role).for_each(|unread| group(&mut groups, &facts.source.bucket.name, unread));
    groups.sort_by_key(|group| (rank(group.id), std::cmp::Reverse(group.reads)));
    let id = groups.first()?.id;
    let mut permissions: Vec<&str> = groups.iter().flat_map(|group| group.permissions.iter().copied()).collect();
    permissions.sort_unstable();
    permissions.dedup();
    let remedy = if id == CauseId::MonitorAccessDenied && !permissions.is_empty() {
        format!("{} It may not: {}.", id.remedy(), permissions.join(", "))
    } else {
        id.remedy().to_owned()
    };
    Some(Cause {
        id,
        confidence: Confidence::High,
        summary: id.summary().to_owned(),
        evidence: groups.iter().filter(|group| group.id == id).map(Group::told).collect(),
        remedy,
        shared_with: Vec::new(),
    })
}

/// Reads of one side that were answered alike.
struct Group<'a> {
    bucket: &'a str,
    id: CauseId,
    trouble: &'a str,
    message: Option<&'a str>,
    operation: &'a str,
    permissions: Vec<&'a str>,
    reads: usize,
}

impl Group<'_> {
    fn told(&self) -> String {
        let message = self.message.map_or_else(String::new, |message| format!(": {message}"));
        let others = match self.reads {
            1 => String::new(),
            reads => format!(" (and {} other reads alike)", reads - 1),
        };
        format!("{}: {} answered {}{message}{others}", self.bucket, self.operation, self.trouble)
    }
}

fn group<'a>(groups: &mut Vec<Group<'a>>, bucket: &'a str, unread: &'a Unread) {
    let id = blindness(&unread.trouble);
    let permission = unread.permission.as_str();
    match groups.iter_mut().find(|group| group.bucket == bucket && group.trouble == unread.trouble) {
        Some(group) => {
            group.reads += 1;
            group.permissions.push(permission);
            group.message = group.message.or(unread.message.as_deref());
        }
        None => groups.push(Group {
            bucket,
            id,
            trouble: &unread.trouble,
            message: unread.message.as_deref(),
            operation: &unread.operation,
            permissions: vec![permission],
            reads: 1,
        }),
    }
}

/// What it is that a read met.
fn blindness(trouble: &str) -> CauseId {
    let trouble = Trouble::ALL.into_iter().find(|each| each.as_str() == trouble).unwrap_or(Trouble::BadAnswer);
    symptom::blindness(Reason::Call(trouble))
}

/// What explains the rest comes first: who is not known, or is nowhere, is also denied.
#[expect(clippy::wildcard_enum_match_arm, reason = "only the monitor's own troubles come here")]
fn rank(id: CauseId) -> u8 {
    match id {
        CauseId::MonitorCredentials => 0,
        CauseId::MonitorClock => 1,
        CauseId::MonitorNetwork => 2,
        CauseId::MonitorThrottled => 3,
        CauseId::MonitorConfiguration => 4,
        CauseId::MonitorAccessDenied => 5,
        _ => 6,
    }
}

fn of_side(side: &SideFacts) -> Vec<&Unread> {
    let bucket = &side.bucket;
    let reads = [
        side.identity.as_ref().err(),
        bucket.region.as_ref().err(),
        bucket.is_owned_as_configured.as_ref().err(),
        bucket.policy_is_public.as_ref().err(),
        bucket.versioning.as_ref().err(),
        bucket.public_access.as_ref().err(),
        bucket.encryption.as_ref().err(),
        bucket.policy.as_ref().err(),
        bucket.ownership.as_ref().err(),
        bucket.object_lock.as_ref().err(),
        bucket.requester_pays.as_ref().err(),
        bucket.lifecycle.as_ref().err(),
        bucket.notifications.as_ref().err(),
        bucket.strangers.as_ref().err(),
    ];
    let keys = side.keys.values().flat_map(|key| [key.description.as_ref().err(), key.policy.as_ref().err()]);
    reads.into_iter().chain(keys).flatten().collect()
}
