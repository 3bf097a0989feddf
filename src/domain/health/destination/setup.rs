//! What looks at keys and audits tell of a destination: what S3 cannot use or do holds its conditions.

use std::sync::Arc;

use super::{DestinationHealth, Hold};
use crate::domain::audit::finding::Finding;
use crate::domain::key::KeyStatus;
use crate::domain::observation::Side;
use crate::domain::snapshot::AuditSummary;
use crate::domain::time::Moment;

impl DestinationHealth {
    /// Somebody looked at the key of a side that matters here. What could not be seen ends nothing.
    pub(in crate::domain::health) fn looked_at_key(&mut self, side: Side, status: Option<KeyStatus>, at: Moment) {
        let named = status.as_ref().map(|status| &status.named);
        let is_over = |hold: &Hold| match hold {
            Hold::Undeletable(..) | Hold::Finding(_) => false,
            Hold::Key(key, place) => *place == side && (Some(key) != named || usable(status.as_ref())),
        };
        let held = self.holds.len();
        self.holds.retain(|hold| !is_over(hold));
        let (own, other_side, other) = match side {
            Side::Source => (&mut self.keys.source, self.side, &self.keys.destination),
            Side::Destination(_) => (&mut self.keys.destination, Side::Source, &self.keys.source),
        };
        let found = |status: &Option<KeyStatus>| status.as_ref().and_then(|status| status.found.clone());
        let is_news = found(own) != found(&status);
        *own = status;
        if self.holds.len() < held {
            self.conditions.key_mended(side);
            if let Some(broken) = broken(other.as_ref()) {
                self.conditions.key_broke(other_side, broken, at);
            }
        }
        if let Some(broken) = broken(own.as_ref()) {
            let begins = self.holds.insert(Hold::Key(broken.named.clone(), side));
            if begins || is_news {
                self.conditions.key_broke(side, broken, at);
            }
        }
    }

    /// An audit ended; its errors hold what is latched until none remains.
    pub(in crate::domain::health) fn audited(&mut self, summary: AuditSummary, errors: &[Arc<Finding>], at: Moment) {
        let held = self.holds.len();
        self.holds.retain(|hold| !matches!(hold, Hold::Finding(_)));
        let had_errors = self.holds.len() < held;
        self.holds.extend(errors.iter().map(|error| Hold::Finding(error.check.id)));
        match errors.first() {
            Some(first) => self.conditions.finding(first, at),
            None if had_errors => self.conditions.findings_mended(),
            None => {}
        }
        self.audit = Some(Arc::new(summary));
    }
}

/// Whether S3 can use a key, for certain.
fn usable(status: Option<&KeyStatus>) -> bool {
    status.and_then(KeyStatus::usable) == Some(true)
}

/// A key that S3 cannot use, for certain.
fn broken(status: Option<&KeyStatus>) -> Option<&KeyStatus> {
    status.filter(|status| status.defect().is_some())
}
