//! What is wrong with a document: quoted, placed, and with the right text.

use std::fmt;

pub(super) mod actions;
pub(super) mod conditions;
pub(super) mod principals;
pub(super) mod resources;

/// The most of a text that is quoted, in characters.
const QUOTE_MAX: usize = 160;

/// Something wrong in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What it is.
    pub what: What,
    /// How much it matters.
    pub gravity: Gravity,
    /// The offending text, as written.
    pub quoted: String,
    /// Where: `statement "Sid"`, `statement 2`, `line 3, column 7`, or `the document`.
    pub place: String,
    /// The right text, or what to write instead.
    pub right: String,
}

/// How much a flaw matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gravity {
    /// It is saved and works, and is likely to be regretted.
    Risky,
    /// It is saved without a word, and does not do what it says.
    Ineffective,
    /// AWS refuses to save the document.
    Refused,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// The text is not JSON.
    NotJson,
    /// There is more after the end of the document, such as a second one.
    TextAfterTheEnd,
    /// An element or member is missing.
    Missing,
    /// An element is there that does not belong there, is there twice, or is not called so.
    Misplaced,
    /// A value is not one of those that the element takes.
    WrongValue,
    /// An action without its service's prefix, such as `s3>ListBucket`.
    ActionShape,
    /// An action that does not exist.
    UnknownAction,
    /// An action that means nothing in a policy of this kind.
    ForeignAction,
    /// A resource or principal whose ARN has the wrong shape.
    ArnShape,
    /// A placeholder that nobody filled in.
    Placeholder,
    /// A unique id: the principal that was named has been deleted.
    StalePrincipal,
    /// A principal that cannot be one.
    WrongPrincipal,
    /// A condition operator that does not exist.
    UnknownOperator,
    /// A context key that does not exist.
    UnknownKey,
    /// Nobody may administer the key.
    NoAdministrator,
    /// A resource that is a key's alias: it never stands for the key.
    Alias,
    /// A resource that the actions beside it do not act on.
    WrongResource,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: `{}`; {}", self.place, self.what.as_str(), self.quoted, self.right)
    }
}

impl What {
    /// What is wrong, as a few words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotJson => "not JSON",
            Self::TextAfterTheEnd => "text after the end of the document",
            Self::Missing => "something is missing",
            Self::Misplaced => "an element that does not belong here",
            Self::WrongValue => "a value that is none of those allowed",
            Self::ActionShape => "an action without its service's prefix",
            Self::UnknownAction => "an action that does not exist",
            Self::ForeignAction => "an action that means nothing in this policy",
            Self::ArnShape => "not the shape of an ARN",
            Self::Placeholder => "a placeholder that was not filled in",
            Self::StalePrincipal => "the unique id of a principal that was deleted",
            Self::WrongPrincipal => "not a principal",
            Self::UnknownOperator => "a condition operator that does not exist",
            Self::UnknownKey => "a context key that does not exist",
            Self::NoAdministrator => "nobody may administer the key",
            Self::Alias => "an alias does not stand for its key here",
            Self::WrongResource => "a resource that the action does not act on",
        }
    }
}

/// Flaws as they are found.
#[derive(Debug, Default)]
pub(super) struct Notes(pub(super) Vec<Flaw>);

impl Notes {
    pub(super) fn add(&mut self, what: What, gravity: Gravity, quoted: &str, place: &str, right: String) {
        let flaw = Flaw { what, gravity, quoted: shortened(quoted), place: place.to_owned(), right };
        if !self.0.contains(&flaw) {
            self.0.push(flaw);
        }
    }
}

/// A text on one line, as far as it is quoted.
pub(super) fn shortened(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= QUOTE_MAX {
        return flat;
    }
    flat.chars().take(QUOTE_MAX - 3).chain("...".chars()).collect()
}

/// Whether a text still has a placeholder in it, such as `<SourceBucketName>`.
fn is_placeholder(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    text.contains(['<', '>']) || text.contains("{{") || upper.contains("YOUR-") || upper.contains("YOUR_")
}
