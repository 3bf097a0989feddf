//! Grants on a KMS key: who may what, under which encryption context.

use super::document::{Listed, Named};
use super::principal;
use super::principal::Closeness;
use super::request::{Context, Request, Value};
use super::truth::Truth;
use crate::domain::audit::facts::Grant;

/// What the context keys of an encryption context begin with.
const CONTEXT: &str = "kms:encryptioncontext:";

/// Whether a grant allows the request ("Grants in AWS KMS", KMS Developer Guide): its grantee, one of its operations,
/// and its constraints on the encryption context.
pub(super) fn allows(grants: &[Grant], request: &Request) -> Truth {
    let Some(operation) = request.action.strip_prefix("kms:") else { return Truth::No };
    Truth::any(grants.iter().filter(|grant| grant.operations.iter().any(|each| each == operation)).map(|grant| {
        let grantee = Listed { is_all_but: false, items: vec![Named::Aws(grant.grantee.clone())] };
        let is_grantee = principal::matches(&grantee, &request.caller)
            .into_iter()
            .filter(|(closeness, _)| *closeness != Closeness::Account)
            .map(|(_, truth)| truth);
        Truth::any(is_grantee).and(context_fits(grant, &request.context))
    }))
}

fn context_fits(grant: &Grant, context: &Context) -> Truth {
    let wanted = grant.context_subset.iter().chain(&grant.context_equals);
    let fits = Truth::all(wanted.map(|(name, value)| {
        let key = format!("{CONTEXT}{name}");
        match context.get(&key) {
            Value::Known(values) => (values.as_slice() == [value.clone()]).into(),
            Value::Absent => Truth::No,
            Value::Unknown | Value::Perhaps(_) => Truth::on(&key),
        }
    }));
    if grant.context_equals.is_empty() {
        return fits;
    }
    let is_wanted = |key: &str| {
        let name = key.strip_prefix(CONTEXT).unwrap_or_default();
        grant.context_equals.keys().any(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    let has_more = context
        .iter()
        .any(|(key, value)| key.starts_with(CONTEXT) && matches!(value, Value::Known(_)) && !is_wanted(key));
    fits.and((!has_more).into())
}
