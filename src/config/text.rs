//! Strings as a file writes them: with `${NAME}` for environment variables, and the place where they stand.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_saphyr::Spanned;

use super::fault::Place;
use super::unit;

/// A string in which `${NAME}` stands for an environment variable and `$${` for a literal `${`.
#[derive(Debug, Clone, Default)]
pub struct Text {
    raw: String,
    place: Option<Place>,
}

impl Text {
    /// Text as a file writes it: `${NAME}` will be expanded.
    #[must_use]
    pub fn template(raw: impl Into<String>) -> Self {
        Self { raw: raw.into(), place: None }
    }

    /// Text that means itself: what looks like a variable is escaped.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self::template(text.replace("${", "$${"))
    }

    /// The text as written.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Where the text stands in its file.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// The text with its variables replaced; borrowed when there are none.
    ///
    /// # Errors
    ///
    /// The first variable that cannot be replaced.
    pub fn expand(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<Cow<'_, str>, Unexpandable> {
        let mut rest = self.raw.as_str();
        let mut expanded = String::new();
        while let Some(start) = rest.find("${") {
            expanded.push_str(&rest[..start]);
            let after = &rest[start + 2..];
            if expanded.ends_with('$') && rest[..start].ends_with('$') {
                expanded.push('{');
                rest = after;
                continue;
            }
            let end = after.find('}').ok_or(Unexpandable::Open)?;
            let name = &after[..end];
            if !is_variable(name) {
                return Err(Unexpandable::NotAName);
            }
            expanded.push_str(&env(name).ok_or_else(|| Unexpandable::Unset(name.to_owned()))?);
            rest = &after[end + 1..];
        }
        if expanded.is_empty() && rest.len() == self.raw.len() {
            return Ok(Cow::Borrowed(rest));
        }
        expanded.push_str(rest);
        Ok(Cow::Owned(expanded))
    }
}

/// Why a text cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unexpandable {
    /// The environment has no such variable.
    Unset(String),
    /// What stands in the braces is not the name of a variable.
    NotAName,
    /// The brace is not closed.
    Open,
}

fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for Text {}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::literal(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::literal(&text)
    }
}

impl From<Duration> for Text {
    fn from(duration: Duration) -> Self {
        Self::template(unit::short(duration))
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.raw)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, .. } = Spanned::<String>::deserialize(deserializer)?;
        let place = Place { line: referenced.line(), column: referenced.column() };
        Ok(Self { raw: value, place: Some(place).filter(|place| place.line > 0) })
    }
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// A [`Text`] that is never shown: not by `Debug`, not in faults. Rendering a file writes it out.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretText(Text);

impl SecretText {
    /// The text itself, for whoever expands it into a secret.
    #[must_use]
    pub fn reveal(&self) -> &Text {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl<T: Into<Text>> From<T> for SecretText {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl JsonSchema for SecretText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SecretText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "writeOnly": true })
    }
}
