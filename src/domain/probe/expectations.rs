//! What the monitor knows beside the configuration when it judges a canary: the keys that are meant, and what a 403
//! means.

use std::sync::Arc;

use crate::domain::name::KmsKey;
use crate::domain::observation::{SelfTest, Side};

/// What is expected of a route's replicas beyond its configuration. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expectations {
    /// What HEAD of an absent object shows at the source.
    pub source: Absence,
    /// The ARN of the source's configured key, once KMS told it.
    pub source_key: Option<KmsKey>,
    /// The destinations, in the order of the configuration; one that is missing is expected nothing of.
    pub destinations: Arc<[DestinationExpectations]>,
}

/// What is expected of the replicas at one destination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DestinationExpectations {
    /// The ARN of the configured key, once KMS told it.
    pub key: Option<KmsKey>,
    /// `ReplicaKmsKeyID` of the live rule; its ARN, once KMS told it.
    pub rule_key: Option<KmsKey>,
    /// The AWS managed key that was seen on objects there, once KMS told that it is one.
    pub managed_key: Option<KmsKey>,
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

    /// What is expected of the replicas at a destination.
    #[must_use]
    pub fn destination(&self, place: usize) -> Option<&DestinationExpectations> {
        self.destinations.get(place)
    }
}
