//! Object Lock, as types: what a bucket gives new versions, and what holds a version.

use std::time::Duration;

use super::moment::Moment;

const DAY: Duration = Duration::from_secs(86_400);

/// How strict a retention is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionMode {
    /// `GOVERNANCE`: who may bypass it can delete.
    Governance,
    /// `COMPLIANCE`: nobody can delete or shorten it.
    Compliance,
}

impl RetentionMode {
    /// As in `x-amz-object-lock-mode`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    /// Reads the header's value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// How long a default retention lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionPeriod {
    /// `Days`.
    Days(u32),
    /// `Years`, of 365 days each.
    Years(u32),
}

impl RetentionPeriod {
    const fn days(self) -> u32 {
        match self {
            Self::Days(days) => days,
            Self::Years(years) => years.saturating_mul(365),
        }
    }
}

/// What every new version of a bucket gets, unless it brings its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultRetention {
    /// `Mode`.
    pub mode: RetentionMode,
    /// `Days` or `Years`.
    pub period: RetentionPeriod,
}

/// `ObjectLockConfiguration` of a bucket in which Object Lock is enabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectLockConfiguration {
    /// `Rule`.
    pub default_retention: Option<DefaultRetention>,
}

impl ObjectLockConfiguration {
    /// The retention of a version that comes into the bucket at `at`.
    pub(super) fn retention_from(&self, at: Moment) -> Option<Retention> {
        let DefaultRetention { mode, period } = self.default_retention?;
        Some(Retention { mode, until: at.plus(DAY * period.days()) })
    }
}

/// `Retention` of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// `Mode`.
    pub mode: RetentionMode,
    /// `RetainUntilDate`.
    pub until: Moment,
}

/// Everything that can hold one version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectLock {
    /// Until when it cannot be deleted, and how strictly.
    pub retention: Option<Retention>,
    /// Whether it is held until somebody lets go; `None` where nobody ever said.
    pub legal_hold: Option<bool>,
}

impl ObjectLock {
    /// Whether nobody has locked anything.
    pub const fn is_empty(&self) -> bool {
        self.retention.is_none() && self.legal_hold.is_none()
    }

    /// Whether the version must stay; `bypasses` says whether the caller may pass over governance.
    pub(super) fn holds(&self, at: Moment, bypasses: bool) -> bool {
        let retained = self.retention.is_some_and(|retention| {
            at < retention.until && !(bypasses && retention.mode == RetentionMode::Governance)
        });
        retained || self.legal_hold == Some(true)
    }
}
