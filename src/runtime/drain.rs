//! What is left when the daemon stops: canaries that had to stay, by name.

use std::fmt;

use crate::domain::name::{ObjectKey, RouteName};

/// How a drain ended.
#[derive(Debug, Default)]
pub struct Drained {
    /// Canaries that were left where they are: deleting a version that is still PENDING would raise a failure in the
    /// bucket owner's own metrics.
    pub left: Vec<Left>,
    /// Probes that did not end in time.
    pub aborted: usize,
}

/// A canary that was left.
#[derive(Debug)]
pub struct Left {
    /// Its route.
    pub route: RouteName,
    /// Its key.
    pub key: ObjectKey,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.route, self.key)
    }
}
