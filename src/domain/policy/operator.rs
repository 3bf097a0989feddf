//! Condition operators by their names.

/// An operator: how values are compared, over which of them, and what an absent key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) test: Test,
    /// Whether it holds where the test does not (`...Not...`).
    pub(super) is_negated: bool,
    pub(super) over: Over,
    pub(super) if_exists: bool,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Text,
    TextWithoutCase,
    TextLike,
    Arn,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Null,
}

/// Which side of a value the other must be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Same,
    Less,
    LessOrSame,
    Greater,
    GreaterOrSame,
}

/// Over which of a request's values a test must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// The one that there is.
    One,
    /// `ForAllValues`: all of them.
    All,
    /// `ForAnyValue`: at least one of them.
    Any,
}

/// Every operator but for its prefix and suffix ("IAM JSON policy elements: Condition operators", IAM User Guide).
pub(super) const OPERATORS: &[(&str, Test, bool)] = &[
    ("StringEquals", Test::Text, false),
    ("StringNotEquals", Test::Text, true),
    ("StringEqualsIgnoreCase", Test::TextWithoutCase, false),
    ("StringNotEqualsIgnoreCase", Test::TextWithoutCase, true),
    ("StringLike", Test::TextLike, false),
    ("StringNotLike", Test::TextLike, true),
    ("NumericEquals", Test::Numeric(Order::Same), false),
    ("NumericNotEquals", Test::Numeric(Order::Same), true),
    ("NumericLessThan", Test::Numeric(Order::Less), false),
    ("NumericLessThanEquals", Test::Numeric(Order::LessOrSame), false),
    ("NumericGreaterThan", Test::Numeric(Order::Greater), false),
    ("NumericGreaterThanEquals", Test::Numeric(Order::GreaterOrSame), false),
    ("DateEquals", Test::Date(Order::Same), false),
    ("DateNotEquals", Test::Date(Order::Same), true),
    ("DateLessThan", Test::Date(Order::Less), false),
    ("DateLessThanEquals", Test::Date(Order::LessOrSame), false),
    ("DateGreaterThan", Test::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Test::Date(Order::GreaterOrSame), false),
    ("Bool", Test::Bool, false),
    ("BinaryEquals", Test::Binary, false),
    ("IpAddress", Test::Ip, false),
    ("NotIpAddress", Test::Ip, true),
    ("ArnEquals", Test::Arn, false),
    ("ArnNotEquals", Test::Arn, true),
    ("ArnLike", Test::Arn, false),
    ("ArnNotLike", Test::Arn, true),
    ("Null", Test::Null, false),
];

impl Operator {
    /// An operator by its name; `None`: there is none of that name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (over, rest) = match name.split_once(':') {
            None => (Over::One, name),
            Some(("ForAllValues", rest)) => (Over::All, rest),
            Some(("ForAnyValue", rest)) => (Over::Any, rest),
            Some(_) => return None,
        };
        let (base, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
        let (_, test, is_negated) = OPERATORS.iter().find(|(known, ..)| *known == base)?;
        let is_plain_only = *test == Test::Null;
        (!is_plain_only || (over == Over::One && !if_exists)).then_some(Self {
            test: *test,
            is_negated: *is_negated,
            over,
            if_exists,
        })
    }
}

impl Order {
    /// Whether a value stands so to a limit.
    pub(super) fn holds<T: PartialOrd>(self, value: &T, limit: &T) -> bool {
        match self {
            Self::Same => value == limit,
            Self::Less => value < limit,
            Self::LessOrSame => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrSame => value >= limit,
        }
    }
}
