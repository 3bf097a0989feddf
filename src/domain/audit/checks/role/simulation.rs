//! The second witness: `SimulatePrincipalPolicy`, which also sees the policies of the organization.

use super::super::super::access::Access;
use super::super::super::book::Book;
use super::super::super::facts::Simulated;
use super::super::super::finding::Severity;
use super::super::{ROLE_ORGANIZATION, ROLE_SIMULATION};
use super::needs::Need;

/// Compares the answers of IAM with ours.
pub(super) fn check(access: &Access<'_>, needs: &[Need], book: &mut Book) {
    let answers = match &access.facts.simulated {
        Ok(answers) => answers,
        Err(why) => {
            for check in [&ROLE_ORGANIZATION, &ROLE_SIMULATION] {
                book.unread(check, None, why).weigh(Severity::Info);
            }
            return;
        }
    };
    if answers.is_empty() {
        let title = "SimulatePrincipalPolicy was not asked: policies above the account are not seen";
        for check in [&ROLE_ORGANIZATION, &ROLE_SIMULATION] {
            book.open(check, None, title, "no answers", "Grant the monitor iam:SimulatePrincipalPolicy on the role.")
                .weigh(Severity::Info);
        }
        return;
    }
    let (mut denied, mut otherwise) = (Vec::new(), Vec::new());
    for need in needs.iter().filter(|need| need.severity == Severity::Error) {
        let Some(answer) = answers.iter().find(|answer| is_about(answer, need)) else { continue };
        let ours = access.bounded(&need.request);
        let evidence = format!(
            "{} on {}: IAM says {}, the policies read: {ours}",
            answer.action, answer.resource, answer.decision
        );
        let is_allowed = answer.decision == "allowed";
        if answer.decision == "explicitDeny" && ours.is_allowed() && answer.missing_context.is_empty() {
            denied.push(evidence);
        } else if (is_allowed && ours.is_denied()) || (!is_allowed && ours.is_allowed()) {
            otherwise.push(evidence);
        }
    }
    let fix = "Let the organization's administrators except the role from the service control policy: \
               `ArnNotLike` on aws:PrincipalArn.";
    let title = "A policy above the account denies the role what its own policies allow";
    tell(&ROLE_ORGANIZATION, title, &denied, fix, book);
    let title = "IAM's simulation and the policies as read disagree";
    let fix = "Look for a service control policy, and for conditions whose values the simulation was not given.";
    tell(&ROLE_SIMULATION, title, &otherwise, fix, book);
}

fn tell(check: &'static super::super::Check, title: &str, evidence: &[String], fix: &str, book: &mut Book) {
    if evidence.is_empty() {
        book.ok(check, None, "SimulatePrincipalPolicy says so as well");
    } else {
        book.fault(check, None, title, evidence.join("; "), fix);
    }
}

/// Whether an answer is about the same action and the same bucket or key.
fn is_about(answer: &Simulated, need: &Need) -> bool {
    let trunk = |arn: &str| arn.split(":::").nth(1).and_then(|name| name.split('/').next()).map(str::to_owned);
    let is_same = match (trunk(&answer.resource), trunk(&need.request.resource)) {
        (Some(one), Some(other)) => one == other,
        _ => answer.resource == need.request.resource,
    };
    is_same && answer.action.eq_ignore_ascii_case(&need.request.action)
}
