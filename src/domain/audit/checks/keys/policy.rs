//! Key policies and grants of both sides, with the encryption contexts that S3 may send.

use std::sync::Arc;

use super::super::super::access::{Access, by_key, called, is_explicit};
use super::super::super::book::Book;
use super::super::super::facts::{Grant, KeyRead};
use super::super::super::finding::Severity;
use super::super::super::remedy::{command, statement};
use super::super::super::scene::{Scene, View, key_arn};
use super::super::destination_policy::{denials, stale};
use super::super::role;
use super::super::{
    Check, DESTINATION_BUCKET_KEY, DESTINATION_KEY_DECRYPT, DESTINATION_KEY_DENY, DESTINATION_KEY_ENCRYPT,
    DESTINATION_KEY_FORM, DESTINATION_KEY_GENERATE, DESTINATION_KEY_STALE, Pair, SOURCE_BUCKET_KEY, SOURCE_KEY_DECRYPT,
    SOURCE_KEY_DENY, SOURCE_KEY_FORM, SOURCE_KEY_STALE,
};
use crate::domain::policy::{Answer, Document, Kind, Set};

const FORM: Pair = Pair { source: &SOURCE_KEY_FORM, destination: &DESTINATION_KEY_FORM };
const STALE: Pair = Pair { source: &SOURCE_KEY_STALE, destination: &DESTINATION_KEY_STALE };
const DENY: Pair = Pair { source: &SOURCE_KEY_DENY, destination: &DESTINATION_KEY_DENY };
const BUCKET_KEY: Pair = Pair { source: &SOURCE_BUCKET_KEY, destination: &DESTINATION_BUCKET_KEY };

/// What is asked of a key: the check, the action, and how grave it is when it is refused.
type Wanted = (&'static Check, &'static str, Severity);

/// One side's key, with all that is needed to ask its policy.
struct Asked<'a> {
    view: View<'a>,
    arn: &'a str,
    account: Option<&'a str>,
    read: &'a KeyRead,
    /// The context that canaries come with, and the other.
    contexts: [String; 2],
    wanted: Vec<Wanted>,
}

/// Looks at the policies of the keys of both sides.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    let Some(access) = Access::of(scene) else { return };
    let source = scene.source();
    if let Some(arn) = role::source_key_arn(scene)
        && let Some(read) = source.key_read(arn)
    {
        let contexts = role::contexts(scene, &source);
        let wanted = vec![(&SOURCE_KEY_DECRYPT, "kms:Decrypt", Severity::Error)];
        let asked = Asked { view: source, arn, account: scene.source_account(), read, contexts, wanted };
        key(scene, &access, &asked, book);
    }
    for leg in scene.legs() {
        let Some(arn) = role::replica_key_arn(scene, &leg) else { continue };
        let Some(read) = leg.view.key_read(arn) else { continue };
        let [generate, decrypt] = role::beside_encrypt(scene);
        let wanted = vec![
            (&DESTINATION_KEY_ENCRYPT, "kms:Encrypt", Severity::Error),
            (&DESTINATION_KEY_GENERATE, generate.0, generate.2),
            (&DESTINATION_KEY_DECRYPT, decrypt.0, decrypt.2),
        ];
        let contexts = role::contexts(scene, &leg.view);
        let asked = Asked { view: leg.view, arn, account: leg.account(), read, contexts, wanted };
        key(scene, &access, &asked, book);
    }
}

fn key(scene: &Scene<'_>, access: &Access<'_>, asked: &Asked<'_>, book: &mut Book) {
    let (view, place) = (asked.view, asked.view.place);
    let first = asked.wanted.first().map_or(&SOURCE_KEY_DECRYPT, |wanted| wanted.0);
    let Some(text) = book.read(first, place, &asked.read.policy) else { return };
    let document = match Document::read(text, Kind::Key) {
        Ok(document) => Arc::new(document),
        Err(flaw) => {
            let title = format!("The policy of the KMS key of {} is no policy document", view.name());
            book.fault(view.check(FORM), place, title, flaw.to_string(), "Save it as one JSON object.");
            return;
        }
    };
    let name = format!("the key policy of {}", view.name());
    role::form(view.check(FORM), place, &[(&name, &document)], book);
    let grants: &[Grant] = asked.read.grants.as_deref().unwrap_or_default();
    let owner = key_arn(asked.arn).map_or("", |(_, account, _)| account);
    let ask = |action: &str, context: &str| {
        let request = access.caller.key(action, asked.arn, called(&view, asked.account), context);
        let answer = by_key(Set::of(&name, Arc::clone(&document)), owner, grants.to_vec(), &request);
        (request, answer)
    };
    let [expected, other] = &asked.contexts;
    let mut said = Vec::new();
    let mut lacks = false;
    let mut contexts = Contexts::default();
    for (check, action, severity) in &asked.wanted {
        let ((request, answer), (_, by_other)) = (ask(action, expected), ask(action, other));
        said.push((format!("{action} with context {expected}"), answer.clone()));
        lacks |= *severity == Severity::Error && answer.is_denied();
        if *severity == Severity::Error || *action == "kms:Encrypt" {
            let by_role = [access.bounded(&request), access.bounded(&ask(action, other).0)];
            contexts.note(action, &answer, &by_other, &by_role);
        }
        let is_bucket_key = answer.is_denied() && by_other.is_allowed();
        lets(access, asked, (check, *severity, action), &answer, is_bucket_key, book);
    }
    denials(view.check(DENY), place, &name, &said, book);
    stale(view.check(STALE), place, (&name, &document), lacks, book);
    contexts.tell(scene, &view, &asked.contexts, book);
}

fn lets(
    access: &Access<'_>,
    asked: &Asked<'_>,
    (check, severity, action): (&'static Check, Severity, &str),
    answer: &Answer,
    is_bucket_key: bool,
    book: &mut Book,
) {
    let (view, place) = (asked.view, asked.view.place);
    let evidence = format!("{action} by {} with context {}: {answer}", access.facts.arn, asked.contexts[0]);
    let statement =
        || statement("LetTheRoleReplicate", &[action.to_owned()], &["*".to_owned()], Some(&access.facts.arn));
    match answer {
        Answer::Allowed { .. } => book.ok(check, place, evidence),
        Answer::Denied(_) if is_explicit(answer) => {}
        Answer::Denied(_) if asked.read.grants.is_err() => {
            if let Err(why) = &asked.read.grants {
                book.unread(check, place, why).weigh(severity);
            }
        }
        Answer::Denied(_) => {
            let title = format!("The key policy of {} does not let the role {action}", view.name());
            let fix = format!(
                "Add to the policy of {}: {} (`{}` writes it back)",
                asked.arn,
                statement(),
                command(&format!("kms put-key-policy --key-id {} --policy file://policy.json", asked.arn), view.region)
            );
            let finding = book.fault(check, place, title, evidence, fix);
            finding.weigh(severity);
            if is_bucket_key {
                finding.weigh(Severity::Info);
                finding.because = Some(view.check(BUCKET_KEY).id);
            }
        }
        Answer::Depends { .. } => {
            let title = format!("It depends on what nobody documents whether the key lets the role {action}");
            let fix = format!("Add a statement without that condition: {}", statement());
            book.open(check, place, title, evidence, fix).weigh(severity.min(Severity::Warning));
        }
    }
}

/// What role and key say with the one context and with the other.
#[derive(Default)]
struct Contexts {
    /// Refused with the context that canaries come with, and allowed with the other.
    wrong: Vec<String>,
    /// The other way round.
    narrow: Vec<String>,
}

impl Contexts {
    fn note(&mut self, action: &str, expected: &Answer, other: &Answer, by_role: &[Answer; 2]) {
        for (who, one, two) in [("the key", expected, other), ("the role's policies", &by_role[0], &by_role[1])] {
            if one.is_denied() && two.is_allowed() {
                self.wrong.push(format!("{action} by {who}: {one}"));
            } else if one.is_allowed() && two.is_denied() {
                self.narrow.push(format!("{action} by {who}: {two}"));
            }
        }
    }

    fn tell(&self, scene: &Scene<'_>, view: &View<'_>, [expected, other]: &[String; 2], book: &mut Book) {
        let check = view.check(BUCKET_KEY);
        let fix = format!(
            "Let the condition take both: \"StringLike\":{{\"kms:EncryptionContext:aws:s3:arn\":[\"{}/*\",\"{}\"]}}",
            view.arn(),
            view.arn()
        );
        let state = if scene.has_bucket_key() { "on" } else { "off" };
        if !self.wrong.is_empty() {
            let title = format!("Bucket Keys are {state} at the source, and a condition asks for the other context");
            let evidence = format!("S3 sends {expected}, only {other} is allowed: {}", self.wrong.join("; "));
            book.fault(check, view.place, title, evidence, fix);
        } else if !self.narrow.is_empty() {
            let default = view.facts.bucket.encryption.as_ref().ok().and_then(Option::as_ref);
            let differs = default.is_some_and(|default| default.bucket_key) != scene.has_bucket_key();
            let title = format!("Replication works while Bucket Keys are {state} for objects, and not otherwise");
            let evidence = format!("with context {other}: {}", self.narrow.join("; "));
            let severity = if differs && !scene.has_bucket_key() { Severity::Warning } else { Severity::Info };
            book.fault(check, view.place, title, evidence, fix).weigh(severity);
        } else {
            book.ok(
                check,
                view.place,
                format!("Bucket Keys are {state} at the source; both contexts are judged alike"),
            );
        }
    }
}
