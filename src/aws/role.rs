//! Assuming a role: one STS call, counted like every other.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;

use super::credentials::{LoadFailure, Session};
use super::error::{bad_answer, from_sdk};
use super::meter::{Call, CallMeter};
use crate::cloud::CloudError;
use crate::domain::connection::{AssumedRole, Secret};
use crate::domain::object::Trouble;

const OPERATION: &str = "AssumeRole";
/// How long a session lasts: what role chaining allows at most, and every role at least
/// (IAM User Guide, "Role chaining" and "Maximum session duration").
const SESSION_SECONDS: u16 = 3600;
/// By how much the end that STS names may miss our expectation before the clocks are taken to differ.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(240);

/// A role to assume, and how.
#[derive(Debug)]
pub(super) struct AssumeRole {
    /// The client of the STS that is asked.
    pub(super) client: aws_sdk_sts::Client,
    /// The credentials that it asks with, if they are fetched ones.
    pub(super) base: Option<Session>,
    /// The role.
    pub(super) role: AssumedRole,
    /// How CloudTrail will show the session.
    pub(super) session_name: String,
    /// Where the call is counted.
    pub(super) meter: CallMeter,
    /// The Region of the STS endpoint.
    pub(super) region: Arc<str>,
}

impl AssumeRole {
    /// Asks STS. `now` is when, on the clock that the credentials' end will be compared with.
    pub(super) async fn assume(&self, now: SystemTime) -> Result<Credentials, LoadFailure> {
        let call = Call { service: "sts", operation: OPERATION, region: &self.region };
        let result = self.meter.measure(call, self.ask(now)).await;
        result.map_err(|error| {
            let trouble = trouble_of(&error);
            if matches!(trouble, Trouble::ExpiredCredentials | Trouble::BadCredentials)
                && let Some(base) = &self.base
            {
                base.distrust();
            }
            LoadFailure::new(trouble, error)
        })
    }

    async fn ask(&self, now: SystemTime) -> Result<Credentials, CloudError> {
        let answer = self
            .client
            .assume_role()
            .role_arn(&self.role.arn)
            .role_session_name(&self.session_name)
            .duration_seconds(i32::from(SESSION_SECONDS))
            .set_external_id(self.role.external_id.as_ref().map(|id| Secret::reveal(id).to_owned()))
            .send()
            .await
            .map_err(|error| from_sdk(OPERATION, &self.region, error))?;
        let given = answer.credentials.ok_or_else(|| bad_answer(OPERATION, "no credentials in the answer"))?;
        let named_end = SystemTime::try_from(given.expiration).ok();
        Ok(Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            Some(end_of_session(named_end, now)),
            "AssumeRole",
        ))
    }
}

/// When the session ends on our clock. STS names the end on its own: when that is further off than any session lasts,
/// or over before it began, the clocks differ, and the duration asked for counts from when it was asked.
fn end_of_session(named: Option<SystemTime>, asked_at: SystemTime) -> SystemTime {
    let asked_for = Duration::from_secs(u64::from(SESSION_SECONDS));
    let plausible = named.filter(|end| {
        end.duration_since(asked_at).is_ok_and(|left| !left.is_zero() && left <= asked_for + CLOCK_TOLERANCE)
    });
    plausible.unwrap_or(asked_at + asked_for)
}

/// What a refused role means for the call that needed it, which was never sent.
fn trouble_of(error: &CloudError) -> Trouble {
    let kind = error.kind();
    let keeps =
        matches!(kind, Trouble::Throttled | Trouble::ClockSkew | Trouble::ExpiredCredentials | Trouble::BadCredentials);
    if keeps { kind } else { Trouble::NoCredentials }
}
