//! What an audit says of a destination, and for how long a change of the set-up keeps alert rules waiting.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::audit::Audit;
use crate::domain::audit::drift::Change;
use crate::domain::audit::finding::{Finding, Outcome, Severity};
use crate::domain::snapshot::{AuditSummary, CHANGES_MAX, ChangeAt};
use crate::domain::time::{Monotonic, UnixMillis};

/// Until when a change of rule, versioning or policies is taken to be still spreading.
#[derive(Debug, Default)]
pub(super) struct Settling(Option<Monotonic>);

impl Settling {
    /// A change was observed; a later end goes before an earlier one.
    pub(super) fn begin(&mut self, until: Monotonic) {
        self.0 = self.0.max(Some(until));
    }

    /// Time passed; answers whether it is over by that.
    pub(super) fn end(&mut self, now: Monotonic) -> bool {
        self.0.take_if(|until| *until <= now).is_some()
    }

    /// When it ends.
    pub(super) fn until(&self) -> Option<Monotonic> {
        self.0
    }
}

/// What concerns the destination at `place`, among it what is said of the source and of the whole route; and its
/// errors, causes before their consequences.
pub(super) fn concerning(audit: &Audit, place: usize, at: UnixMillis) -> (AuditSummary, Vec<Arc<Finding>>) {
    let concerned = audit.findings.iter().filter(|finding| finding.destination.is_none_or(|about| about == place));
    let mut summary = AuditSummary { at, ..AuditSummary::default() };
    for finding in concerned {
        match finding.outcome {
            Outcome::Ok => summary.ok += 1,
            Outcome::Unknown | Outcome::Fault => summary.findings.push(Arc::new(finding.clone())),
        }
    }
    let is_error = |it: &&Arc<Finding>| it.outcome == Outcome::Fault && it.severity == Severity::Error;
    let mut errors: Vec<Arc<Finding>> = summary.findings.iter().filter(is_error).cloned().collect();
    errors.sort_by_key(|finding| finding.because.is_some());
    (summary, errors)
}

/// Keeps a change among the newest.
pub(super) fn remember(changes: &mut VecDeque<ChangeAt>, change: &Arc<Change>, at: UnixMillis) {
    changes.push_front(ChangeAt { at, change: Arc::clone(change) });
    changes.truncate(CHANGES_MAX);
}
