//! Where a check writes down what it finds: faults and warnings with the path of their key.

use std::borrow::Cow;
use std::fmt;

use super::super::Config;
use super::super::fault::{Fault, Place, Warning, Wrong};
use super::super::text::{SecretText, Text, Unexpandable};
use crate::domain::connection::Secret;

/// The path of a key, as a chain on the stack: nothing is allocated until it is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Self>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Item(usize),
}

impl<'a> Path<'a> {
    /// The file itself.
    pub(super) const ROOT: Path<'static> = Path { parent: None, step: Step::Root };

    /// A key below this one.
    pub(super) fn key(&'a self, key: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Key(key) }
    }

    /// An item of this list.
    pub(super) fn item(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Item(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let top = self.parent.is_none_or(|parent| matches!(parent.step, Step::Root));
        if let Some(parent) = self.parent {
            write!(f, "{parent}")?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) if top => f.write_str(key),
            Step::Key(key) if plain(key) && !key.is_empty() => write!(f, ".{key}"),
            Step::Key(key) => write!(f, "[{key:?}]"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

/// What reading a key gave.
#[derive(Debug)]
pub(super) enum Got<T> {
    /// The file does not have the key.
    Absent,
    /// It has, and the fault is written down.
    Bad,
    /// The value.
    Good(T),
}

impl<T> Got<T> {
    /// The value, or `default` where the file has none; nothing after a fault.
    pub(super) fn or(self, default: Option<T>) -> Option<T> {
        match self {
            Self::Absent => default,
            Self::Bad => None,
            Self::Good(value) => Some(value),
        }
    }

    /// The value or its absence; nothing after a fault.
    pub(super) fn optional(self) -> Option<Option<T>> {
        match self {
            Self::Absent => Some(None),
            Self::Bad => None,
            Self::Good(value) => Some(Some(value)),
        }
    }
}

/// Faults and warnings of one file.
pub(super) struct Sheet<'e> {
    env: &'e dyn Fn(&str) -> Option<String>,
    faults: Vec<Fault>,
    warnings: Vec<Warning>,
}

impl<'e> Sheet<'e> {
    pub(super) fn new(env: &'e dyn Fn(&str) -> Option<String>) -> Self {
        Self { env, faults: Vec::new(), warnings: Vec::new() }
    }

    /// The configuration with its warnings, or the faults.
    pub(super) fn finish(self, config: Option<Config>) -> Result<Config, Vec<Fault>> {
        match config {
            Some(config) if self.faults.is_empty() => Ok(Config { warnings: self.warnings, ..config }),
            _ => Err(self.faults),
        }
    }

    /// A text with its variables replaced, if they can be.
    pub(super) fn expanded<'t>(&self, text: Option<&'t Text>) -> Option<Cow<'t, str>> {
        text?.expand(self.env).ok()
    }

    /// Expands and reads a text.
    pub(super) fn read<T>(
        &mut self,
        path: &Path<'_>,
        text: Option<&Text>,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Got<T> {
        let Some(text) = text else { return Got::Absent };
        let result = match text.expand(self.env) {
            Ok(expanded) => read(&expanded)
                .map_err(|wrong| (if wrong.hidden { "the value".to_owned() } else { show(text.raw()) }, wrong)),
            Err(unexpandable) => Err(unexpanded(&unexpandable)),
        };
        match result {
            Ok(value) => Got::Good(value),
            Err((shown, wrong)) => {
                self.wrong(path, &shown, text.place(), wrong);
                Got::Bad
            }
        }
    }

    /// Reads a text that must be there; `fix` says what to add where it is not.
    pub(super) fn required<T>(
        &mut self,
        path: &Path<'_>,
        text: Option<&Text>,
        fix: &str,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        if text.is_none() {
            self.missing(path, fix);
        }
        self.read(path, text, read).or(None)
    }

    /// Expands a secret; it must not be empty and is never shown.
    pub(super) fn secret(&mut self, path: &Path<'_>, text: Option<&SecretText>) -> Got<Secret> {
        let Some(text) = text.map(SecretText::reveal) else { return Got::Absent };
        let (shown, wrong) = match text.expand(self.env) {
            Ok(expanded) if expanded.is_empty() => ("the secret".to_owned(), Wrong::new("is empty", "give it a value")),
            Ok(expanded) => return Got::Good(Secret::new(expanded.into_owned())),
            Err(unexpandable) => unexpanded(&unexpandable),
        };
        self.wrong(path, &shown, text.place(), wrong);
        Got::Bad
    }

    /// A number that must lie within bounds.
    pub(super) fn within(
        &mut self,
        path: &Path<'_>,
        number: Option<u32>,
        default: u32,
        low: u32,
        high: u32,
    ) -> Option<u32> {
        let value = number.unwrap_or(default);
        if (low..=high).contains(&value) {
            return Some(value);
        }
        let wrong = Wrong::new(format!("is not between {low} and {high}"), "choose a number in between");
        self.wrong(path, &value.to_string(), None, wrong);
        None
    }

    /// Writes down that a key is missing.
    pub(super) fn missing(&mut self, path: &Path<'_>, fix: &str) {
        self.fault(path, None, "is missing".to_owned(), fix.to_owned());
    }

    /// Writes down that a list has nothing in it, or is not there at all.
    pub(super) fn none(&mut self, path: &Path<'_>, written: bool, fix: &str) {
        let problem = if written { "is empty" } else { "is missing" };
        self.fault(path, None, problem.to_owned(), fix.to_owned());
    }

    /// Writes down what is wrong with a value, which is shown as `shown`.
    pub(super) fn wrong(&mut self, path: &Path<'_>, shown: &str, place: Option<Place>, wrong: Wrong) {
        self.fault(path, place, format!("{shown} {}", wrong.what), wrong.fix);
    }

    /// Writes down a fault once: what routes inherit from `defaults` is met once a route.
    pub(super) fn fault(&mut self, path: &Path<'_>, place: Option<Place>, problem: String, fix: String) {
        let fault = Fault { path: path.to_string(), place, problem, fix };
        if !(fault.path.starts_with("defaults.") && self.faults.contains(&fault)) {
            self.faults.push(fault);
        }
    }

    /// Writes down a warning, once as with faults.
    pub(super) fn warn(&mut self, path: &Path<'_>, message: impl Into<String>) {
        let warning = Warning { path: path.to_string(), message: message.into() };
        if !(warning.path.starts_with("defaults.") && self.warnings.contains(&warning)) {
            self.warnings.push(warning);
        }
    }
}

/// A value as messages show it: as written, variables unexpanded; short, quoted where it would blend in.
pub(super) fn show(raw: &str) -> String {
    let short: String = raw.chars().take(160).collect();
    let mark = if short.len() < raw.len() { "..." } else { "" };
    let plain = !raw.is_empty() && raw.chars().all(|char| !char.is_whitespace() && !char.is_control());
    if plain { format!("{short}{mark}") } else { format!("{short:?}{mark}") }
}

fn unexpanded(unexpandable: &Unexpandable) -> (String, Wrong) {
    let escape = "or write $${ for a literal ${";
    match unexpandable {
        Unexpandable::Unset(name) => {
            (format!("the environment variable {name}"), Wrong::new("is not set", format!("set it, {escape}")))
        }
        Unexpandable::NotAName => (
            "what stands in ${...}".to_owned(),
            Wrong::new("is not the name of a variable", format!("write ${{NAME}}, {escape}")),
        ),
        Unexpandable::Open => ("${".to_owned(), Wrong::new("is not closed", format!("write ${{NAME}}, {escape}"))),
    }
}
