//! Times as text: RFC 3339 in UTC with milliseconds.

use std::time::{Duration, UNIX_EPOCH};

use serde::{Serialize, Serializer};

use crate::domain::time::UnixMillis;

/// The last instant of the year 9999: RFC 3339 has four digits for a year.
const LAST: UnixMillis = UnixMillis(253_402_300_799_999);

/// A time, written as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timestamp(pub(super) UnixMillis);

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = UNIX_EPOCH + Duration::from_millis(self.0.min(LAST).0);
        humantime::format_rfc3339_millis(time).fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{LAST, Timestamp};
    use crate::domain::time::UnixMillis;

    #[test]
    fn writes_milliseconds_and_never_breaks() {
        assert_eq!(Timestamp(UnixMillis(0)).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(UnixMillis(1_764_000_000_120)).to_string(), "2025-11-24T16:00:00.120Z");
        assert_eq!(Timestamp(LAST).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(UnixMillis(u64::MAX)).to_string(), "9999-12-31T23:59:59.999Z");
    }
}
