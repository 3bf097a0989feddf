//! Both ways of every value that is known but perhaps not sent: the answer depends on it only if they differ.

use std::collections::BTreeSet;

use super::answer::{Answer, Place};
use super::evaluate::Policies;
use super::request::{Request, Value};

/// The most keys of which both ways are judged together; the rest count as unknown.
const KEYS_MAX: usize = 6;

/// The answer that holds in every world, or what it depends on.
pub(super) fn judge(policies: &Policies, request: &Request, answer: &dyn Fn(&Request) -> Answer) -> Answer {
    let open: Vec<(String, Vec<String>)> = request
        .context
        .iter()
        .filter_map(|(key, value)| match value {
            Value::Perhaps(values) if policies.mention(key) => Some((key.to_owned(), values.clone())),
            Value::Perhaps(_) | Value::Known(_) | Value::Absent | Value::Unknown => None,
        })
        .take(KEYS_MAX)
        .collect();
    if open.is_empty() {
        return answer(request);
    }
    let answers: Vec<Answer> = (0..1_usize << open.len()).map(|sent| answer(&world(request, &open, sent))).collect();
    let is_settled = answers.iter().all(Answer::is_allowed) || answers.iter().all(Answer::is_denied);
    // The last world is the one in which everything is sent.
    match answers.last() {
        Some(last) if is_settled => last.clone(),
        Some(_) | None => merged(answers, &open, policies),
    }
}

/// The request in which those keys are sent whose bit is set, and the others are not.
fn world(request: &Request, open: &[(String, Vec<String>)], sent: usize) -> Request {
    let mut world = request.clone();
    for (place, (key, values)) in open.iter().enumerate() {
        let is_sent = sent & (1 << place) != 0;
        let value = if is_sent { Value::Known(values.clone()) } else { Value::Absent };
        world.context = world.context.with(key, value);
    }
    world
}

fn merged(answers: Vec<Answer>, open: &[(String, Vec<String>)], policies: &Policies) -> Answer {
    let differs =
        |one: &Answer, two: &Answer| one.is_allowed() != two.is_allowed() || one.is_denied() != two.is_denied();
    let hangs_on = |place: usize| {
        let flipped =
            |(sent, one): (usize, &Answer)| answers.get(sent ^ (1 << place)).is_some_and(|two| differs(one, two));
        answers.iter().enumerate().any(flipped)
    };
    let mut on: BTreeSet<String> = BTreeSet::new();
    let mut statements: BTreeSet<Place> = BTreeSet::new();
    for (key, _) in open.iter().enumerate().filter(|(place, _)| hangs_on(*place)).map(|(_, open)| open) {
        let (written, places) = policies.mentions(key);
        on.insert(written);
        statements.extend(places);
    }
    for answer in answers {
        if let Answer::Depends { on: more, statements: places } = answer {
            on.extend(more);
            statements.extend(places);
        }
    }
    Answer::Depends { on, statements: statements.into_iter().collect() }
}
