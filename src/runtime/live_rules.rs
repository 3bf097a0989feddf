//! The live replication configuration of a route's source bucket, as it was read last.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::object::Trouble;
use crate::domain::reading::RuleSeen;
use crate::domain::replication::Replication;
use crate::domain::route::{Destination, Route};

/// What is known of the configuration. Shared by all who need it; read by `rules`.
#[derive(Debug, Default)]
pub struct LiveRules(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The last one that could be read; a bucket without one has no rules.
    replication: Option<Arc<Replication>>,
    /// Why the newest attempt failed, if it did.
    trouble: Option<Trouble>,
}

impl LiveRules {
    /// Keeps what was read. A failure leaves what was known.
    pub fn learn(&self, read: Result<Replication, Trouble>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(replication) => *known = Known { replication: Some(Arc::new(replication)), trouble: None },
            Err(trouble) => known.trouble = Some(trouble),
        }
    }

    /// The configuration as it was read last.
    #[must_use]
    pub fn replication(&self) -> Option<Arc<Replication>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).replication.clone()
    }

    /// Whether somebody has tried to read it.
    #[must_use]
    pub fn is_tried(&self) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.replication.is_some() || known.trouble.is_some()
    }

    /// The rule that takes the route's canaries to a destination.
    #[must_use]
    pub fn rule_to(&self, route: &Route, destination: &Destination) -> RuleSeen {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (&known.replication, known.trouble) {
            (Some(replication), _) => route.rule_to(destination, replication).map_or(RuleSeen::Absent, |rule| {
                RuleSeen::Found { id: Arc::from(rule.id.as_str()), publishes_metrics: rule.publishes_metrics }
            }),
            (None, Some(trouble)) => RuleSeen::Unreadable(trouble),
            (None, None) => RuleSeen::Unread,
        }
    }
}
