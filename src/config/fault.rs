//! What is wrong with a configuration: faults with path, problem and fix, collected so that all are told at once.

use std::fmt;

/// A place in a file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column, in characters.
    pub column: u64,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which key: `routes[0].destinations[1].kms_key`; empty for a fault of the file itself or of its shape.
    pub path: String,
    /// Where it stands, if it stands anywhere.
    pub place: Option<Place>,
    /// What is wrong. Never holds a secret, nor the value of an environment variable.
    pub problem: String,
    /// What to do about it.
    pub fix: String,
}

impl Fault {
    /// A fault of the file as a whole.
    pub(super) fn of_file(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { path: String::new(), place: None, problem: problem.into(), fix: fix.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.path.as_str(), self.place) {
            ("", None) => write!(f, "{}; {}", self.problem, self.fix),
            ("", Some(Place { line, column })) => {
                write!(f, "line {line}, column {column}: {}; {}", self.problem, self.fix)
            }
            (path, None) => write!(f, "{path}: {}; {}", self.problem, self.fix),
            (path, Some(Place { line, .. })) => write!(f, "{path}: {}; {} (line {line})", self.problem, self.fix),
        }
    }
}

/// Every fault of a file; prints as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// The file's name as it was given.
    pub file: String,
    /// The faults, top to bottom as they were checked; never empty.
    pub faults: Vec<Fault>,
}

impl Faults {
    pub(super) fn new(file: &str, faults: Vec<Fault>) -> Self {
        Self { file: file.to_owned(), faults }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.faults.len() == 1 { "" } else { "s" };
        write!(f, "{}: {} fault{plural}", self.file, self.faults.len())?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}

/// Something legal that is probably not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Which key.
    pub path: String,
    /// What it does, and what to do instead. Never holds a secret.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// What is wrong with a value, said without the value: `is not a duration`, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong, to be read after the value.
    pub what: String,
    /// What to do about it.
    pub fix: String,
    /// Whether the value may hold a secret, and is better not shown.
    pub hidden: bool,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: fix.into(), hidden: false }
    }

    /// The same about a value that may hold a secret.
    pub(super) fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.fix)
    }
}
