//! Whether a condition holds, as far as the context is known.

use super::document::Condition;
use super::operator::{Operator, Over, Test};
use super::pattern::{Pattern, Wildcards, expanded};
use super::request::{Context, Value};
use super::truth::Truth;
use super::value;

/// Whether a condition holds. What an operator that does not exist would say, nobody knows.
pub(super) fn holds(condition: &Condition, context: &Context, has_variables: bool) -> Truth {
    let Some(operator) = condition.operator else { return Truth::on(&condition.key) };
    let judge = Judge { operator, condition, context, has_variables };
    match context.get(&condition.key) {
        Value::Known(values) => judge.known(values),
        Value::Absent => judge.absent(),
        Value::Unknown => Truth::on(&condition.key),
        Value::Perhaps(values) => {
            let (sent, absent) = (judge.known(values), judge.absent());
            if sent == absent { sent } else { Truth::on(&condition.key) }
        }
    }
}

struct Judge<'a> {
    operator: Operator,
    condition: &'a Condition,
    context: &'a Context,
    has_variables: bool,
}

impl Judge<'_> {
    /// For a key that is not sent: negated tests hold, `...IfExists` and `ForAllValues` do, nothing else does. Under
    /// `ForAnyValue` some value has to pass, whatever the suffix: AWS is seen to refuse a request without the key that
    /// nothing but `ForAnyValue:StringEqualsIfExists` allows.
    fn absent(&self) -> Truth {
        let Operator { test, is_negated, over, if_exists } = self.operator;
        if test == Test::Null {
            return self.null(true);
        }
        let holds = match over {
            Over::All => true,
            Over::Any => false,
            Over::One => if_exists || is_negated,
        };
        holds.into()
    }

    fn known(&self, values: &[String]) -> Truth {
        if self.operator.test == Test::Null {
            return self.null(values.is_empty());
        }
        if values.is_empty() {
            return self.absent();
        }
        let tests = values.iter().map(|value| self.test(value));
        // To `ForAllValues` and `ForAnyValue`, empty texts alone are a null data set, as if the key were absent.
        let is_null = values.iter().all(String::is_empty);
        match self.operator.over {
            Over::All | Over::Any if is_null => self.absent(),
            Over::All => Truth::all(tests),
            Over::Any => Truth::any(tests),
            Over::One if self.operator.is_negated => Truth::all(tests),
            Over::One => Truth::any(tests),
        }
    }

    /// `Null`: `"true"` asks for a key that is not sent, `"false"` for one that is.
    fn null(&self, is_absent: bool) -> Truth {
        let asks = |value: &String| value.eq_ignore_ascii_case(if is_absent { "true" } else { "false" });
        self.condition.values.iter().any(asks).into()
    }

    /// Whether one value of the request passes: it matches one of the condition's, or none if the test is negated.
    fn test(&self, sent: &str) -> Truth {
        let matched = Truth::any(self.condition.values.iter().map(|wanted| self.compare(sent, wanted)));
        if self.operator.is_negated { matched.negated() } else { matched }
    }

    fn compare(&self, sent: &str, wanted: &str) -> Truth {
        match self.operator.test {
            Test::Text => self.text(wanted, Wildcards::Literal, |pattern| pattern.matches(sent)),
            Test::TextWithoutCase => {
                self.text(wanted, Wildcards::Literal, |pattern| pattern.matches_without_case(sent))
            }
            Test::TextLike => self.text(wanted, Wildcards::Active, |pattern| pattern.matches(sent)),
            Test::Arn => self.text(wanted, Wildcards::Active, |pattern| pattern.matches_arn(sent)),
            Test::Numeric(order) => ordered(order, value::number(sent), value::number(wanted)),
            Test::Date(order) => ordered(order, value::date(sent), value::date(wanted)),
            Test::Bool => sent.eq_ignore_ascii_case(wanted).into(),
            Test::Binary => (sent.trim_end_matches('=') == wanted.trim_end_matches('=')).into(),
            Test::Ip => value::ip_lies_in(sent, wanted).into(),
            Test::Null => Truth::No,
        }
    }

    fn text(&self, wanted: &str, wildcards: Wildcards, matches: impl FnOnce(&Pattern) -> bool) -> Truth {
        expanded(wanted, wildcards, self.context, self.has_variables, |pattern| matches(pattern).into())
    }
}

fn ordered(order: super::operator::Order, sent: Option<f64>, wanted: Option<f64>) -> Truth {
    match (sent, wanted) {
        (Some(sent), Some(wanted)) => order.holds(&sent, &wanted).into(),
        (None, _) | (_, None) => Truth::No,
    }
}
