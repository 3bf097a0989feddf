//! Tests of values with units.

use std::time::Duration;

use proptest::prelude::*;

use super::{duration, listen, share, short, size, time};
use crate::config::fault::Wrong;
use crate::domain::time::UnixMillis;

fn told<T: std::fmt::Debug>(result: Result<T, Wrong>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn durations_are_read() {
    for (text, millis) in [("0s", 0), ("500ms", 500), ("60s", 60_000), ("15m", 900_000), ("1h 30m", 5_400_000)] {
        assert_eq!(duration(text).unwrap(), Duration::from_millis(millis), "{text}");
    }
    assert_eq!(duration("2d").unwrap(), Duration::from_secs(172_800));
    assert_eq!(told(duration("60")), "has no unit; write 60s for seconds");
    assert_eq!(told(duration("")), "is not a duration; write it like 30s, 15m or 48h");
    assert_eq!(told(duration("soon")), "is not a duration; write it like 30s, 15m or 48h");
    assert_eq!(told(duration("-5m")), "is not a duration; write it like 30s, 15m or 48h");
    assert_eq!(told(duration("5M")), "would be months; write m for minutes");
    assert_eq!(told(duration("400d")), "is longer than 366 days; make it shorter");
    assert_eq!(told(duration("99999999999999999999h")), "is not a duration; write it like 30s, 15m or 48h");
}

#[test]
fn durations_are_written_as_people_write_them() {
    for text in ["0s", "1s", "2s", "60s", "90s", "15m", "60m", "90m", "2h", "48h", "250ms", "7us", "9ns"] {
        assert_eq!(short(duration(text).unwrap()), text);
    }
}

#[test]
fn sizes_are_read() {
    for (text, bytes) in [("1", 1), ("512B", 512), ("1KiB", 1024), ("5 MiB", 5_242_880), ("1GiB", 1 << 30)] {
        assert_eq!(size(text).unwrap(), bytes, "{text}");
    }
    assert_eq!(told(size("1KB")), "has an unknown unit; write 1KiB");
    assert_eq!(told(size("2m")), "has an unknown unit; write 2MiB");
    assert_eq!(told(size("2 TiB")), "has an unknown unit; use B, KiB or MiB");
    assert_eq!(told(size("1.5KiB")), "has an unknown unit; use B, KiB or MiB");
    assert_eq!(told(size("-1")), "is not a size; write it like 512, 1KiB or 1MiB");
    assert_eq!(told(size("99999999999GiB")), "is too large; make it at most 5MiB");
}

#[test]
fn shares_are_read() {
    assert!((share("10%").unwrap() - 0.1).abs() < 1e-12);
    assert!((share("0.25").unwrap() - 0.25).abs() < 1e-12);
    assert!((share("100 %").unwrap() - 1.0).abs() < 1e-12);
    assert!((share("1").unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(told(share("10")), "is more than 100%; write 10%");
    assert_eq!(told(share("0")), "is not between 1% and 100%; write it like 10%");
    assert_eq!(told(share("120%")), "is not between 1% and 100%; write it like 10%");
    assert_eq!(told(share("nan")), "is not a share; write it like 10% or 0.1");
    assert_eq!(told(share("inf")), "is not a share; write it like 10% or 0.1");
    assert_eq!(told(share("a tenth")), "is not a share; write it like 10% or 0.1");
}

#[test]
fn times_are_read_with_any_offset() {
    let noon = UnixMillis(1_798_804_800_000);
    for text in ["2027-01-01T12:00:00Z", "2027-01-01t12:00:00.000z", "2027-01-01T14:30:00+02:30"] {
        assert_eq!(time(text).unwrap(), noon, "{text}");
    }
    assert_eq!(time("2027-01-01T04:00:00-08:00").unwrap(), noon);
    assert_eq!(time("2027-01-01T12:00:00.5Z").unwrap(), UnixMillis(noon.0 + 500));
    for text in
        ["", "tomorrow", "2027-01-01", "2027-01-01T12:00:00", "2027-13-01T12:00:00Z", "2027-01-01T12:00:00+2:00"]
    {
        assert_eq!(told(time(text)), "is not an RFC 3339 time; write it like 2027-01-31T08:00:00Z", "{text}");
    }
}

#[test]
fn addresses_are_read() {
    for (text, address) in [
        ("127.0.0.1:1", "127.0.0.1:1"),
        (":9977", "0.0.0.0:9977"),
        ("localhost:9977", "127.0.0.1:9977"),
        ("[::]:9977", "[::]:9977"),
        ("0.0.0.0:0", "0.0.0.0:0"),
    ] {
        assert_eq!(listen(text).unwrap(), address.parse().unwrap(), "{text}");
    }
    for text in ["", "9977", "example.com:80", "127.0.0.1", "127.0.0.1:99999", ":x"] {
        assert_eq!(told(listen(text)), "is not an address; write ADDRESS:PORT, for example 0.0.0.0:9977", "{text}");
    }
}

proptest! {
    #[test]
    fn what_short_writes_duration_reads(nanos in 0..=super::DURATION_MAX.as_nanos()) {
        let whole = Duration::from_nanos(u64::try_from(nanos).unwrap());
        for duration_ in [whole, Duration::from_millis(whole.as_secs()), Duration::from_secs(whole.as_secs())] {
            prop_assert_eq!(duration(&short(duration_)).unwrap(), duration_);
        }
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = (duration(&text), size(&text), share(&text), time(&text), listen(&text));
    }
}
