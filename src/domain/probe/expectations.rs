//! What the monitor knows beside the configuration when it judges a canary: the live rule's key, and what a 403
//! means.

use std::sync::Arc;

use crate::domain::name::KmsKey;
use crate::domain::observation::{SelfTest, Side};

/// What is expected of a route's replicas beyond its configuration. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expectations {
    /// What HEAD of an absent object shows at the source.
    pub source: Absence,
    /// The destinations, in the order of the configuration; one that is missing is expected nothing of.
    pub destinations: Arc<[DestinationExpectations]>,
}

/// What is expected of the replicas at one destination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DestinationExpectations {
    /// `ReplicaKmsKeyID` of the live rule.
    pub rule_key: Option<KmsKey>,
    /// What HEAD of an absent object shows there.
    pub absence: Absence,
}

/// What HEAD of an absent object shows, as the self-test found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Absence {
    /// The self-test got no answer yet: a 403 tells nothing.
    #[default]
    Untested,
    /// 404: so a 403 is a refusal.
    SeesAbsence,
    /// 403, for want of `s3:ListBucket`: so a 403 may mean "not there".
    RefusedWithoutListing,
}

impl From<SelfTest> for Absence {
    fn from(outcome: SelfTest) -> Self {
        match outcome {
            SelfTest::SeesAbsence => Self::SeesAbsence,
            SelfTest::RefusedWithoutListing => Self::RefusedWithoutListing,
            SelfTest::NoAnswer(_) => Self::Untested,
        }
    }
}

impl Expectations {
    /// What HEAD of an absent object shows at a side.
    #[must_use]
    pub fn absence(&self, side: Side) -> Absence {
        match side {
            Side::Source => self.source,
            Side::Destination(place) => self.destinations.get(place).map_or(Absence::Untested, |each| each.absence),
        }
    }

    /// The key of the live rule towards a destination.
    #[must_use]
    pub fn rule_key(&self, destination: usize) -> Option<&KmsKey> {
        self.destinations.get(destination)?.rule_key.as_ref()
    }
}
