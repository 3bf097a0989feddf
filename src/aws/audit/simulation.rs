//! Asks IAM what it would decide of the replication role: a second witness beside our own evaluation.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult};

use super::super::bucket::S3Bucket;
use super::Read;
use crate::domain::audit::facts::{Fact, Simulated};
use crate::domain::audit::questions::Question;
use crate::domain::object::Trouble;

const SIMULATE: Read = Read::iam("SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy", &[]);

/// The most pages of answers to one question.
const PAGES_MAX: usize = 5;

pub(super) async fn simulate(bucket: &S3Bucket, role: &str, question: &Question) -> Fact<Vec<Simulated>> {
    let context: Vec<ContextEntry> = question.context.iter().map(|(name, value)| entry(name, value)).collect();
    let mut answers = Vec::new();
    let mut marker: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let request = || {
            let request = bucket.iam().simulate_principal_policy().policy_source_arn(role);
            let request = request.set_action_names(Some(question.actions.iter().map(|it| (*it).to_owned()).collect()));
            let request = request.resource_arns(&question.resource).set_context_entries(Some(context.clone()));
            request.set_marker(marker.clone()).send()
        };
        let page = bucket.read_whole(SIMULATE, request).await?;
        let results = page.evaluation_results.unwrap_or_default();
        answers.extend(results.into_iter().map(|result| simulated(result, question)));
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(answers);
        }
    }
    Err(SIMULATE.unread(Trouble::BadAnswer, "more answers than were asked for"))
}

fn entry(name: &str, value: &str) -> ContextEntry {
    let kind = if matches!(value, "true" | "false") { ContextKeyTypeEnum::Boolean } else { ContextKeyTypeEnum::String };
    ContextEntry::builder().context_key_name(name).context_key_values(value).context_key_type(kind).build()
}

fn simulated(result: EvaluationResult, question: &Question) -> Simulated {
    Simulated {
        action: result.eval_action_name,
        resource: result.eval_resource_name.unwrap_or_else(|| question.resource.clone()),
        decision: result.eval_decision.as_str().to_owned(),
        missing_context: result.missing_context_values.unwrap_or_default(),
    }
}
