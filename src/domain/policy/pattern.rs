//! Patterns: wildcards, policy variables, and ARNs that are matched segment by segment.

use super::request::{Context, Value};
use super::truth::Truth;

/// How many segments an ARN has: `arn:partition:service:region:account:resource`.
const ARN_SEGMENTS: usize = 6;

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Many,
}

/// What the wildcards of a text mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    Active,
    Literal,
}

/// A text with its policy variables put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

/// Why a variable could not be put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// The key has no value, or several: nothing matches.
    Absent,
    /// The key is unknown.
    Unknown(String),
}

impl Pattern {
    /// A text without variables.
    pub(super) fn plain(text: &str, wildcards: Wildcards) -> Self {
        Self(text.chars().map(|letter| token(letter, wildcards)).collect())
    }

    /// A text whose variables (`${aws:PrincipalAccount}`, `${key, 'default'}`, `${*}`) are taken from the context;
    /// what is put in is literal, whatever it contains.
    pub(super) fn expand(text: &str, wildcards: Wildcards, context: &Context) -> Result<Self, Unresolved> {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((inner, end)) = after.split_once('}') else { break };
            tokens.extend(before.chars().map(|letter| token(letter, wildcards)));
            let value = resolve(inner, context)?;
            tokens.extend(value.chars().map(Token::Letter));
            rest = end;
        }
        tokens.extend(rest.chars().map(|letter| token(letter, wildcards)));
        Ok(Self(tokens))
    }

    /// Whether a text matches as a whole.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        matches(&self.0, &text)
    }

    /// Whether a text matches as a whole, with ASCII letters of either case alike.
    pub(super) fn matches_without_case(&self, text: &str) -> bool {
        let lower = |token: &Token| match token {
            Token::Letter(letter) => Token::Letter(letter.to_ascii_lowercase()),
            Token::One => Token::One,
            Token::Many => Token::Many,
        };
        Self(self.0.iter().map(lower).collect()).matches(&text.to_ascii_lowercase())
    }

    /// Whether an ARN matches segment by segment; a last segment that comes early stands for all that follow, so that
    /// `*` alone matches everything.
    pub(super) fn matches_arn(&self, arn: &str) -> bool {
        let patterns: Vec<&[Token]> = self.0.splitn(ARN_SEGMENTS, |token| *token == Token::Letter(':')).collect();
        let segments: Vec<&str> = arn.splitn(patterns.len(), ':').collect();
        patterns.len() == segments.len()
            && patterns.iter().zip(&segments).all(|(pattern, segment)| {
                let letters: Vec<char> = segment.chars().collect();
                matches(pattern, &letters)
            })
    }
}

/// Whether one of the patterns matches a resource; `has_variables` by the document's version.
pub(super) fn resource_matches(patterns: &[String], resource: &str, context: &Context, has_variables: bool) -> Truth {
    Truth::any(patterns.iter().map(|text| {
        expanded(text, Wildcards::Active, context, has_variables, |pattern| pattern.matches_arn(resource).into())
    }))
}

/// Expands a text and asks something of the pattern; what has no value matches nothing.
pub(super) fn expanded(
    text: &str,
    wildcards: Wildcards,
    context: &Context,
    has_variables: bool,
    ask: impl FnOnce(&Pattern) -> Truth,
) -> Truth {
    if !has_variables {
        return ask(&Pattern::plain(text, wildcards));
    }
    match Pattern::expand(text, wildcards, context) {
        Ok(pattern) => ask(&pattern),
        Err(Unresolved::Absent) => Truth::No,
        Err(Unresolved::Unknown(key)) => Truth::on(&key),
    }
}

fn token(letter: char, wildcards: Wildcards) -> Token {
    match (letter, wildcards) {
        ('*', Wildcards::Active) => Token::Many,
        ('?', Wildcards::Active) => Token::One,
        (letter, Wildcards::Active | Wildcards::Literal) => Token::Letter(letter),
    }
}

/// The value of what stands between `${` and `}`.
fn resolve(inner: &str, context: &Context) -> Result<String, Unresolved> {
    if matches!(inner, "*" | "?" | "$") {
        return Ok(inner.to_owned());
    }
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => (key.trim(), quoted(default.trim())),
        None => (inner.trim(), None),
    };
    match context.get(key) {
        Value::Known(values) if values.len() == 1 => Ok(values.concat()),
        Value::Known(_) | Value::Absent => default.map(str::to_owned).ok_or(Unresolved::Absent),
        Value::Unknown | Value::Perhaps(_) => Err(Unresolved::Unknown(key.to_owned())),
    }
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'')
}

/// Wildcard matching in linear space: on a mismatch the last `*` takes one letter more.
fn matches(pattern: &[Token], text: &[char]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut last_many: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(Token::Many) => {
                last_many = Some((at, seen));
                at += 1;
                continue;
            }
            Some(Token::One) => {}
            Some(Token::Letter(letter)) if text.get(seen) == Some(letter) => {}
            Some(Token::Letter(_)) | None => {
                let Some((many, from)) = last_many else { return false };
                last_many = Some((many, from + 1));
                at = many + 1;
                seen = from + 1;
                continue;
            }
        }
        at += 1;
        seen += 1;
    }
    pattern.get(at..).unwrap_or_default().iter().all(|token| *token == Token::Many)
}
