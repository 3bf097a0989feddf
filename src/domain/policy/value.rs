//! Values of conditions that are more than text: dates, addresses and numbers.

use core::net::IpAddr;

/// A number as policies write it.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Seconds since the Unix epoch, of an ISO 8601 date or of a number of seconds.
pub(super) fn date(text: &str) -> Option<f64> {
    if let Some(seconds) = number(text) {
        return Some(seconds);
    }
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = digits(parts.next()?, 2)?;
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = time.map_or(Some(0.0), time_of_day)?;
    Some(days_since_epoch(year, month, day) * 86_400.0 + seconds)
}

/// Whether an address lies in a block such as `10.0.0.0/8` or `2001:db8::/32`, or is the one address given.
pub(super) fn ip_lies_in(address: &str, block: &str) -> bool {
    let (base, length) = match block.split_once('/') {
        Some((base, length)) => (base, Some(length)),
        None => (block, None),
    };
    let (Ok(address), Ok(base)) = (address.trim().parse::<IpAddr>(), base.trim().parse::<IpAddr>()) else {
        return false;
    };
    let (address, base, width) = match (address, base) {
        (IpAddr::V4(address), IpAddr::V4(base)) => (u128::from(address.to_bits()), u128::from(base.to_bits()), 32),
        (IpAddr::V6(address), IpAddr::V6(base)) => (address.to_bits(), base.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    let Some(length) = length.map_or(Some(width), |length| length.parse::<u32>().ok()) else { return false };
    let Some(shift) = width.checked_sub(length) else { return false };
    let kept = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
    kept(address) == kept(base)
}

/// Seconds into the day of `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff` with `Z` or an offset.
fn time_of_day(text: &str) -> Option<f64> {
    let (clock, offset) = match text.strip_suffix('Z') {
        Some(clock) => (clock, 0.0),
        None => {
            let at = text.rfind(['+', '-'])?;
            let (clock, zone) = text.split_at_checked(at)?;
            let sign = if zone.starts_with('-') { -1.0 } else { 1.0 };
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            (clock, sign * (f64::from(digits(hours, 2)?) * 3600.0 + f64::from(digits(minutes, 2)?) * 60.0))
        }
    };
    let mut parts = clock.split(':');
    let hours = digits(parts.next()?, 2)?;
    let minutes = digits(parts.next()?, 2)?;
    let seconds = parts.next().map_or(Some(0.0), number)?;
    let is_clock = hours < 24 && minutes < 60 && (0.0..61.0).contains(&seconds) && parts.next().is_none();
    is_clock.then(|| f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + seconds - offset)
}

fn digits(text: &str, count: usize) -> Option<i32> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant's `days_from_civil`).
fn days_since_epoch(year: i32, month: i32, day: i32) -> f64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    f64::from(era * 146_097 + day_of_era - 719_468)
}
