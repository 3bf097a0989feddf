//! Conditions of policy statements: every operator of IAM, with its suffix and its set prefix.

use std::net::IpAddr;
use std::time::UNIX_EPOCH;

use super::pattern::{ArnPattern, Context, Pattern};

/// One operator, key and list of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) key: String,
    test: Test,
    set: Set,
    if_exists: bool,
    values: Vec<Wanted>,
}

/// What is compared, and how it must turn out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Test {
    kind: Kind,
    negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    TextInAnyCase,
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Address,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `ForAllValues:` and `ForAnyValue:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    None,
    All,
    Any,
}

/// A value as the operator wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Text(Pattern),
    Arn(ArnPattern),
    Raw(String),
}

/// Keys that narrow a statement for everybody down to somebody, if their values are fixed (S3 User Guide, "The meaning
/// of public").
const NARROWING: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltag",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

impl Condition {
    /// Reads one condition; `None` when there is no such operator.
    pub(super) fn read(operator: &str, key: &str, values: &[String], variables: bool) -> Option<Self> {
        let (set, name) = match operator.split_once(':') {
            Some(("ForAllValues", name)) => (Set::All, name),
            Some(("ForAnyValue", name)) => (Set::Any, name),
            Some(_) => return None,
            None => (Set::None, operator),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let test = Test::named(name).filter(|test| !(if_exists && test.kind == Kind::Null))?;
        let read = |value: &String| match test.kind {
            Kind::Text | Kind::TextInAnyCase => Wanted::Text(Pattern::plain(value, variables)),
            Kind::Like => Wanted::Text(Pattern::wild(value, variables)),
            Kind::Arn => Wanted::Arn(ArnPattern::read(value, variables)),
            Kind::Number(_) | Kind::Date(_) | Kind::Bool | Kind::Address | Kind::Null => Wanted::Raw(value.clone()),
        };
        Some(Self { key: key.to_owned(), test, set, if_exists, values: values.iter().map(read).collect() })
    }

    /// Whether it holds for a request.
    pub(super) fn holds(&self, context: Context<'_>) -> bool {
        let seen = || context.iter().filter(|(key, _)| key.eq_ignore_ascii_case(&self.key)).map(|(_, value)| *value);
        let absent = seen().next().is_none();
        if self.test.kind == Kind::Null {
            return self.values.iter().any(|wanted| match wanted {
                Wanted::Raw(text) => text.eq_ignore_ascii_case("true") == absent,
                Wanted::Text(_) | Wanted::Arn(_) => false,
            });
        }
        match self.set {
            // To these two, a key with nothing but empty values is a null data set; and they heed no `IfExists`.
            Set::All if seen().all(str::is_empty) => return true,
            Set::Any if seen().all(str::is_empty) => return false,
            Set::None if absent => return self.if_exists || self.test.negated,
            Set::None | Set::All | Set::Any => {}
        }
        let passes = |value: &str| {
            self.values.iter().any(|wanted| self.test.kind.matches(wanted, value, context)) != self.test.negated
        };
        match (self.set, self.test.negated) {
            (Set::All, _) | (Set::None, true) => seen().all(passes),
            (Set::Any, _) | (Set::None, false) => seen().any(passes),
        }
    }

    /// The keys that it needs to know: its own, and those of the variables in its values.
    pub(super) fn keys(&self) -> Vec<&str> {
        let mut keys = vec![self.key.as_str()];
        for value in &self.values {
            match value {
                Wanted::Text(pattern) => keys.extend(pattern.keys()),
                Wanted::Arn(pattern) => keys.extend(pattern.keys()),
                Wanted::Raw(_) => {}
            }
        }
        keys
    }

    /// Whether the request is decided without its key: `Null` asks for nothing else.
    pub(super) fn wants_value(&self) -> bool {
        self.test.kind != Kind::Null
    }

    /// Whether it narrows a statement for everybody down to somebody.
    pub(super) fn narrows(&self) -> bool {
        let key = self.key.to_ascii_lowercase();
        let known = NARROWING.contains(&key.as_str()) || key.starts_with("aws:principaltag/");
        let account_of = |pattern: &ArnPattern| matches!(pattern, ArnPattern::Parts(parts) if parts[4].is_fixed());
        let fixed = |wanted: &Wanted| match wanted {
            Wanted::Text(pattern) => pattern.is_fixed(),
            Wanted::Arn(pattern) => pattern.is_fixed() || account_of(pattern),
            Wanted::Raw(text) => is_narrow(text),
        };
        known && !self.test.negated && !self.if_exists && self.set != Set::All && self.values.iter().all(fixed)
    }
}

/// Whether an address block is not simply everybody: at least /8 of IPv4, /32 of IPv6, or private.
fn is_narrow(block: &str) -> bool {
    let (address, length) = block.split_once('/').unwrap_or((block, "128"));
    let Ok(length) = length.parse::<u8>() else { return false };
    match address.parse() {
        Ok(IpAddr::V4(address)) => length >= 8 || address.is_private(),
        Ok(IpAddr::V6(_)) => length >= 32,
        Err(_) => false,
    }
}

impl Test {
    fn named(name: &str) -> Option<Self> {
        let (kind, negated) = match name {
            "StringEquals" | "BinaryEquals" => (Kind::Text, false),
            "StringNotEquals" => (Kind::Text, true),
            "StringEqualsIgnoreCase" => (Kind::TextInAnyCase, false),
            "StringNotEqualsIgnoreCase" => (Kind::TextInAnyCase, true),
            "StringLike" => (Kind::Like, false),
            "StringNotLike" => (Kind::Like, true),
            "ArnEquals" | "ArnLike" => (Kind::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Kind::Arn, true),
            "Bool" => (Kind::Bool, false),
            "IpAddress" => (Kind::Address, false),
            "NotIpAddress" => (Kind::Address, true),
            "Null" => (Kind::Null, false),
            _ => {
                let (kind, order): (fn(Order) -> Kind, &str) = match name.strip_prefix("Numeric") {
                    Some(order) => (Kind::Number, order),
                    None => (Kind::Date, name.strip_prefix("Date")?),
                };
                let (order, negated) = Order::named(order)?;
                (kind(order), negated)
            }
        };
        Some(Self { kind, negated })
    }
}

impl Order {
    fn named(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "Equals" => (Self::Equal, false),
            "NotEquals" => (Self::Equal, true),
            "LessThan" => (Self::Less, false),
            "LessThanEquals" => (Self::LessOrEqual, false),
            "GreaterThan" => (Self::Greater, false),
            "GreaterThanEquals" => (Self::GreaterOrEqual, false),
            _ => return None,
        })
    }

    fn holds(self, seen: f64, wanted: f64) -> bool {
        match self {
            Self::Equal => seen.total_cmp(&wanted).is_eq(),
            Self::Less => seen < wanted,
            Self::LessOrEqual => seen <= wanted,
            Self::Greater => seen > wanted,
            Self::GreaterOrEqual => seen >= wanted,
        }
    }
}

impl Kind {
    fn matches(self, wanted: &Wanted, seen: &str, context: Context<'_>) -> bool {
        match (self, wanted) {
            (Self::TextInAnyCase, Wanted::Text(pattern)) => pattern.fits_in_any_case(seen, context),
            (_, Wanted::Text(pattern)) => pattern.fits(seen, context),
            (_, Wanted::Arn(pattern)) => pattern.fits(seen, context),
            (Self::Number(order), Wanted::Raw(text)) => compare(order, seen.parse().ok(), text.parse().ok()),
            (Self::Date(order), Wanted::Raw(text)) => compare(order, date(seen), date(text)),
            (Self::Address, Wanted::Raw(text)) => within(seen, text).unwrap_or(false),
            (_, Wanted::Raw(text)) => text.eq_ignore_ascii_case(seen),
        }
    }
}

fn compare(order: Order, seen: Option<f64>, wanted: Option<f64>) -> bool {
    matches!((seen, wanted), (Some(seen), Some(wanted)) if order.holds(seen, wanted))
}

/// Seconds since the Unix epoch: a number, a day, or a day with a time in UTC or at an offset.
fn date(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(seconds);
    }
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let (local, offset) = match whole.get(10..)?.rfind(['+', '-']) {
        None => (whole, 0.0),
        Some(place) => {
            let (local, offset) = whole.split_at(10 + place);
            let (hours, minutes) = offset.get(1..)?.split_once(':')?;
            let seconds = hours.parse::<f64>().ok()? * 3600.0 + minutes.parse::<f64>().ok()? * 60.0;
            (format!("{local}Z"), if offset.starts_with('-') { -seconds } else { seconds })
        }
    };
    let time = humantime::parse_rfc3339_weak(&local).ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs_f64() - offset)
}

/// Whether an address lies in a network, `ADDRESS/BITS` or an address alone.
fn within(address: &str, network: &str) -> Option<bool> {
    let (base, bits) = network.split_once('/').map_or((network, None), |(base, bits)| (base, Some(bits)));
    let (seen, base): (IpAddr, IpAddr) = (address.parse().ok()?, base.parse().ok()?);
    let (seen, base, width) = match (seen, base) {
        (IpAddr::V4(seen), IpAddr::V4(base)) => (u128::from(u32::from(seen)), u128::from(u32::from(base)), 32),
        (IpAddr::V6(seen), IpAddr::V6(base)) => (u128::from(seen), u128::from(base), 128),
        (IpAddr::V4(_) | IpAddr::V6(_), _) => return Some(false),
    };
    let bits = bits.map_or(Some(width), |bits| bits.parse().ok().filter(|bits| *bits <= width))?;
    let shift = width - bits;
    Some(seen.checked_shr(shift).unwrap_or(0) == base.checked_shr(shift).unwrap_or(0))
}

#[cfg(test)]
mod tests;
