//! The monitor itself: whom it acts as, and what it could not read.

use std::collections::BTreeSet;

use super::super::book::Book;
use super::super::facts::Unread;
use super::super::remedy::statement;
use super::super::scene::{Scene, View};
use super::super::unread;
use super::{
    DESTINATION_FACTS, DESTINATION_IDENTITY, DESTINATION_ROOT, Pair, ROLE_FACTS, SOURCE_FACTS, SOURCE_IDENTITY,
    SOURCE_ROOT,
};

const IDENTITY: Pair = Pair { source: &SOURCE_IDENTITY, destination: &DESTINATION_IDENTITY };
const ROOT: Pair = Pair { source: &SOURCE_ROOT, destination: &DESTINATION_ROOT };
const FACTS: Pair = Pair { source: &SOURCE_FACTS, destination: &DESTINATION_FACTS };

/// Looks at the monitor's own identities and at what they may read.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    for view in scene.sides() {
        identity(&view, book);
        let mut all = view.unread();
        if view.place.is_none() {
            all.extend(scene.facts.replication.as_ref().err());
        }
        readable(view.check(FACTS), &view, &all, book);
    }
    if let Some(role) = &scene.facts.role {
        let reads = [
            role.role.as_ref().err(),
            role.inline.as_ref().err(),
            role.attached.as_ref().err(),
            role.boundary.as_ref().err(),
        ];
        readable(&ROLE_FACTS, &scene.source(), &reads.into_iter().flatten().collect::<Vec<_>>(), book);
    }
}

fn identity(view: &View<'_>, book: &mut Book) {
    let check = view.check(IDENTITY);
    let Some(identity) = book.read(check, view.place, &view.facts.identity) else { return };
    let evidence = format!("GetCallerIdentity for {}: {} in account {}", view.bucket, identity.arn, identity.account);
    match view.account {
        Some(account) if account != identity.account => {
            let title = format!("The monitor looks at {} from account {}", view.bucket, identity.account);
            let fix = format!(
                "Give that side credentials of account {account} (`assume_role: arn:aws:iam::{account}:role/...`): \
                 bucket and key policies are only shown to the account that owns them."
            );
            book.fault(check, view.place, title, evidence.clone(), fix);
        }
        Some(_) | None => book.ok(check, view.place, evidence.clone()),
    }
    let check = view.check(ROOT);
    if !identity.arn.ends_with(":root") {
        return book.ok(check, view.place, evidence);
    }
    let title = format!("The monitor acts as the root user for {}", view.bucket);
    book.fault(
        check,
        view.place,
        title,
        evidence,
        "Give it the role that `replicanary policies --for monitor` prints.",
    );
}

fn readable(check: &'static super::super::finding::Check, view: &View<'_>, all: &[&Unread], book: &mut Book) {
    if all.is_empty() {
        return book.ok(check, view.place, format!("every fact of {} was read", view.bucket));
    }
    let said: Vec<_> = all.iter().map(|why| unread::evidence(why)).collect();
    let grantable = |why: &&&Unread| unread::refusal(why) == unread::Refusal::Permission;
    let permissions: BTreeSet<String> = all.iter().filter(grantable).map(|why| why.permission.clone()).collect();
    let permissions: Vec<_> = permissions.into_iter().collect();
    let fix = if permissions.is_empty() {
        all.first().map_or_else(String::new, |why| unread::remedy(why))
    } else {
        statement("LetTheMonitorRead", &permissions, &["*".to_owned()], None)
    };
    let title = format!("{} facts of {} could not be read", all.len(), view.bucket);
    book.open(check, view.place, title, said.join("\n"), fix);
}
