//! Values with units: durations, sizes, shares, times and addresses, read from text and written as short text.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, UNIX_EPOCH};

use super::fault::Wrong;
use crate::domain::time::UnixMillis;

/// The longest duration that is accepted: 366 days.
pub const DURATION_MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// Reads a duration such as `500ms`, `60s`, `15m`, `1h 30m`, `2d`; `0s` is legal.
///
/// # Errors
///
/// What is wrong with the text.
pub fn duration(text: &str) -> Result<Duration, Wrong> {
    let example = "write it like 30s, 15m or 48h";
    if text.contains('M') {
        return Err(Wrong::new("would be months", "write m for minutes"));
    }
    let duration = humantime::parse_duration(text).map_err(|_| match text.trim().parse::<u64>() {
        Ok(number) => Wrong::new("has no unit", format!("write {number}s for seconds")),
        Err(_) => Wrong::new("is not a duration", example),
    })?;
    if duration > DURATION_MAX {
        return Err(Wrong::new("is longer than 366 days", "make it shorter"));
    }
    Ok(duration)
}

/// Reads how often something is done: a duration of at least 1s, or `off` (also `false`) for never.
///
/// # Errors
///
/// What is wrong with the text.
pub fn pace(text: &str) -> Result<Option<Duration>, Wrong> {
    if matches!(text.trim(), "off" | "false") {
        return Ok(None);
    }
    let every = duration(text).map_err(|wrong| Wrong::new(wrong.what, format!("{}, or off", wrong.fix)))?;
    if every < Duration::from_secs(1) {
        return Err(Wrong::new("is shorter than 1s", "make it at least 1s, or off"));
    }
    Ok(Some(every))
}

/// A duration as short text that [`duration`] reads back exactly: `15m`, `60m`, `48h`, `60s`, `250ms`.
#[must_use]
pub fn short(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let units: [(u128, u128, &str); 5] = [
        (3_600_000_000_000, 2, "h"),
        (60_000_000_000, 2, "m"),
        (1_000_000_000, 1, "s"),
        (1_000_000, 1, "ms"),
        (1_000, 1, "us"),
    ];
    let fitting = units.iter().find(|(unit, least, _)| nanos.is_multiple_of(*unit) && nanos / unit >= *least);
    match (nanos, fitting) {
        (0, _) => "0s".to_owned(),
        (_, Some((unit, _, name))) => format!("{}{name}", nanos / unit),
        (_, None) => format!("{nanos}ns"),
    }
}

/// Reads a size in bytes: `512`, `512B`, `1KiB`, `5MiB`.
///
/// # Errors
///
/// What is wrong with the text.
pub fn size(text: &str) -> Result<u64, Wrong> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| Wrong::new("is not a size", "write it like 512, 1KiB or 1MiB"))?;
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "KiB" => 1024,
        "MiB" => 1024 * 1024,
        "GiB" => 1024 * 1024 * 1024,
        "K" | "k" | "KB" | "kB" | "kb" | "kib" => return Err(unknown_unit(number, "KiB")),
        "M" | "m" | "MB" | "mb" | "mib" => return Err(unknown_unit(number, "MiB")),
        _ => return Err(Wrong::new("has an unknown unit", "use B, KiB or MiB")),
    };
    number.checked_mul(factor).ok_or_else(|| Wrong::new("is too large", "make it at most 5MiB"))
}

fn unknown_unit(number: u64, unit: &str) -> Wrong {
    Wrong::new("has an unknown unit", format!("write {number}{unit}"))
}

/// Reads a share: `10%` or `0.1`.
///
/// # Errors
///
/// What is wrong with the text.
pub fn share(text: &str) -> Result<f64, Wrong> {
    let text = text.trim();
    let (number, scale) = text.strip_suffix('%').map_or((text, 1.0), |number| (number.trim_end(), 100.0));
    let share = number.parse::<f64>().map(|number| number / scale);
    match share {
        Ok(share) if (0.01..=1.0).contains(&share) => Ok(share),
        Ok(share) if share > 1.0 && scale < 2.0 && share <= 100.0 => {
            Err(Wrong::new("is more than 100%", format!("write {number}%")))
        }
        Ok(share) if share.is_finite() => Err(Wrong::new("is not between 1% and 100%", "write it like 10%")),
        _ => Err(Wrong::new("is not a share", "write it like 10% or 0.1")),
    }
}

/// Reads an RFC 3339 time with any offset, to the millisecond.
///
/// # Errors
///
/// What is wrong with the text.
pub fn time(text: &str) -> Result<UnixMillis, Wrong> {
    let wrong = || Wrong::new("is not an RFC 3339 time", "write it like 2027-01-31T08:00:00Z");
    let text = text.trim().to_ascii_uppercase();
    let (local, offset) = match text.strip_suffix('Z') {
        Some(local) => (local.to_owned(), 0),
        None => split_offset(&text).ok_or_else(wrong)?,
    };
    let time = humantime::parse_rfc3339(&format!("{local}Z")).map_err(|_| wrong())?;
    let since_epoch = time.duration_since(UNIX_EPOCH).map_err(|_| wrong())?;
    let millis = i64::try_from(since_epoch.as_millis()).map_err(|_| wrong())?;
    u64::try_from(millis - offset).map(UnixMillis).map_err(|_| wrong())
}

/// Splits `...+02:00` into the local time and the offset in milliseconds.
fn split_offset(text: &str) -> Option<(String, i64)> {
    let at = text.len().checked_sub(6)?;
    let (local, offset) = text.split_at_checked(at)?;
    let sign = match offset.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = offset[1..].split_once(':')?;
    let two_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok())?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    (hours < 24 && minutes < 60).then(|| (local.to_owned(), sign * (hours * 60 + minutes) * 60_000))
}

/// Reads where to listen: `127.0.0.1:9977`, `[::1]:9977`, `localhost:9977`, or `:9977` for every address.
///
/// # Errors
///
/// What is wrong with the text.
pub fn listen(text: &str) -> Result<SocketAddr, Wrong> {
    let wrong = || Wrong::new("is not an address", "write ADDRESS:PORT, for example 0.0.0.0:9977");
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let address = match host {
        "" => Ipv4Addr::UNSPECIFIED,
        "localhost" => Ipv4Addr::LOCALHOST,
        _ => return Err(wrong()),
    };
    let port: u16 = port.parse().map_err(|_| wrong())?;
    Ok((address, port).into())
}

#[cfg(test)]
mod tests;
