//! Where checks write down what they find.

use super::facts::{Fact, Unread};
use super::finding::{Check, Finding, Outcome, Severity};
use super::unread;

/// The findings so far.
#[derive(Debug, Default)]
pub(super) struct Book {
    findings: Vec<Finding>,
}

/// Where a finding belongs: the source or the whole route, or a destination by its place.
pub(super) type Place = Option<usize>;

impl Book {
    /// It holds.
    pub(super) fn ok(&mut self, check: &'static Check, place: Place, evidence: impl Into<String>) {
        self.add(check, place, Outcome::Ok, [capital(check.proves), evidence.into(), String::new()]);
    }

    /// It does not hold, as gravely as the table says.
    pub(super) fn fault(
        &mut self,
        check: &'static Check,
        place: Place,
        title: impl Into<String>,
        evidence: impl Into<String>,
        remedy: impl Into<String>,
    ) -> &mut Finding {
        self.add(check, place, Outcome::Fault, [title.into(), evidence.into(), remedy.into()])
    }

    /// It cannot be told, for a reason that is no missing fact.
    pub(super) fn open(
        &mut self,
        check: &'static Check,
        place: Place,
        title: impl Into<String>,
        evidence: impl Into<String>,
        remedy: impl Into<String>,
    ) -> &mut Finding {
        self.add(check, place, Outcome::Unknown, [title.into(), evidence.into(), remedy.into()])
    }

    /// It cannot be told, because a fact could not be read.
    pub(super) fn unread(&mut self, check: &'static Check, place: Place, why: &Unread) -> &mut Finding {
        let how = if unread::refusal(why) == unread::Refusal::Trouble { "failed" } else { "was refused" };
        let title = format!("Not known whether {}: {} {how}", check.proves, why.operation);
        self.add(check, place, Outcome::Unknown, [title, unread::evidence(why), unread::remedy(why)])
    }

    /// What a fact says, or `None` after a note that it could not be read.
    pub(super) fn read<'a, T>(&mut self, check: &'static Check, place: Place, fact: &'a Fact<T>) -> Option<&'a T> {
        match fact {
            Ok(read) => Some(read),
            Err(why) => {
                self.unread(check, place, why);
                None
            }
        }
    }

    /// Every finding.
    pub(super) fn close(self) -> Vec<Finding> {
        self.findings
    }

    fn add(&mut self, check: &'static Check, place: Place, outcome: Outcome, words: [String; 3]) -> &mut Finding {
        let [title, evidence, remedy] = words;
        let severity = check.severity;
        let at = self.findings.len();
        self.findings.push(Finding {
            check,
            severity,
            outcome,
            destination: place,
            title,
            evidence,
            remedy,
            because: None,
        });
        &mut self.findings[at]
    }
}

impl Finding {
    /// The same, of another gravity.
    pub(super) fn weigh(&mut self, severity: Severity) {
        self.severity = severity;
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
