//! What the faults of each route come to, and which routes it is the same for.

use super::Judged;
use crate::domain::cause::{Cause, CauseId};

/// The cause of each route, by place; one that several routes share names the others.
pub(super) fn causes(judged: &[Judged]) -> Vec<Option<Cause>> {
    let mut causes: Vec<Option<Cause>> = judged.iter().map(Judged::cause).collect();
    let groups: Vec<_> = causes.iter().map(|cause| cause.as_ref().map(group)).collect();
    for (place, cause) in causes.iter_mut().enumerate() {
        let (Some(cause), Some(own)) = (cause, &groups[place]) else { continue };
        let others = judged.iter().zip(&groups).enumerate();
        let others = others.filter(|(at, (_, group))| *at != place && group.as_ref() == Some(own));
        cause.shared_with = others.map(|(_, (other, _))| other.route.name.clone()).collect();
    }
    causes
}

/// Routes with the same group share a cause: what was found and what mends it are the same to the word. What ails the
/// monitor itself it finds on every bucket anew, so there only what mends it is compared.
fn group(cause: &Cause) -> (CauseId, Option<String>, String) {
    let found = cause.evidence.first().filter(|_| !cause.id.is_monitors_own());
    (cause.id, found.cloned(), cause.remedy.clone())
}
