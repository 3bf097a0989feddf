//! Patterns of policies: wildcards, policy variables, and ARNs compared segment by segment.

/// The values that a request carries, by condition key. A key that stands here several times has several values.
pub(in crate::sim::world) type Context<'a> = &'a [(&'a str, &'a str)];

/// The only value of a key; `None` when it is absent or has several.
pub(super) fn single<'a>(context: Context<'a>, key: &str) -> Option<&'a str> {
    let mut values = context.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| *value);
    values.next().filter(|_| values.next().is_none())
}

/// A text to compare with, taken apart once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// `*`
    Anything,
    /// `?`
    One,
    Exactly(char),
    /// `${key}` or `${key, 'otherwise'}`.
    Variable {
        key: String,
        otherwise: Option<String>,
    },
}

impl Pattern {
    /// A text in which `*` and `?` are wildcards; `${...}` is a variable when `variables` is set.
    pub(super) fn wild(text: &str, variables: bool) -> Self {
        Self::read(text, true, variables)
    }

    /// A text that stands for itself; `${...}` is a variable when `variables` is set.
    pub(super) fn plain(text: &str, variables: bool) -> Self {
        Self::read(text, false, variables)
    }

    fn read(text: &str, wild: bool, variables: bool) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if variables && let Some((token, after)) = variable(rest) {
                tokens.push(token);
                rest = after;
                continue;
            }
            tokens.push(match first {
                '*' if wild => Token::Anything,
                '?' if wild => Token::One,
                other => Token::Exactly(other),
            });
            rest = &rest[first.len_utf8()..];
        }
        Self(tokens)
    }

    /// The condition keys that its variables name.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|token| match token {
            Token::Variable { key, otherwise: None } => Some(key.as_str()),
            Token::Variable { .. } | Token::Anything | Token::One | Token::Exactly(_) => None,
        })
    }

    /// Whether it has no wildcard and no variable.
    pub(super) fn is_fixed(&self) -> bool {
        self.0.iter().all(|token| matches!(token, Token::Exactly(_)))
    }

    /// Whether `text` fits. A variable whose key has no value fits nothing.
    pub(super) fn fits(&self, text: &str, context: Context<'_>) -> bool {
        self.compare(text, context, false)
    }

    /// The same, upper and lower case being alike.
    pub(super) fn fits_in_any_case(&self, text: &str, context: Context<'_>) -> bool {
        self.compare(text, context, true)
    }

    fn compare(&self, text: &str, context: Context<'_>, any_case: bool) -> bool {
        if self.0.iter().all(|token| !matches!(token, Token::Variable { .. })) {
            return fits(&self.0, text, any_case);
        }
        let mut tokens = Vec::with_capacity(self.0.len());
        for token in &self.0 {
            let Token::Variable { key, otherwise } = token else {
                tokens.push(token.clone());
                continue;
            };
            let Some(value) = single(context, key).or(otherwise.as_deref()) else { return false };
            tokens.extend(value.chars().map(Token::Exactly));
        }
        fits(&tokens, text, any_case)
    }
}

/// The variable that a text begins with, and what follows it. `${*}`, `${?}` and `${$}` are the characters themselves.
fn variable(text: &str) -> Option<(Token, &str)> {
    let (inside, after) = text.strip_prefix("${")?.split_once('}')?;
    let token = match inside {
        "*" | "?" | "$" => Token::Exactly(inside.chars().next()?),
        _ => {
            let (key, otherwise) = match inside.split_once(',') {
                None => (inside, None),
                Some((key, otherwise)) => {
                    let quoted = otherwise.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
                    (key, Some(quoted?.to_owned()))
                }
            };
            Token::Variable { key: key.trim().to_owned(), otherwise }
        }
    };
    Some((token, after))
}

fn fits(tokens: &[Token], text: &str, any_case: bool) -> bool {
    let same = |wanted: char, seen: char| wanted == seen || (any_case && wanted.to_lowercase().eq(seen.to_lowercase()));
    let (mut token, mut rest) = (0, text.chars());
    // Where to go on when what follows the last `*` does not fit: `*` takes one character more.
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let mut ahead = rest.clone();
        let advanced = match (tokens.get(token), ahead.next()) {
            (None, None) => return true,
            (Some(Token::Anything), _) => {
                token += 1;
                retry = Some((token, rest.clone()));
                continue;
            }
            (Some(Token::One), Some(_)) => true,
            (Some(Token::Exactly(wanted)), Some(seen)) => same(*wanted, seen),
            (Some(Token::One | Token::Exactly(_) | Token::Variable { .. }) | None, _) => false,
        };
        if advanced {
            token += 1;
            rest = ahead;
            continue;
        }
        let Some((after, mut taken)) = retry.take() else { return false };
        if taken.next().is_none() {
            return false;
        }
        (token, rest) = (after, taken.clone());
        retry = Some((after, taken));
    }
}

/// How many parts an ARN has: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, the last of which may hold colons.
const ARN_PARTS: usize = 6;

/// An ARN with wildcards, each part compared with its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ArnPattern {
    /// `*`
    Any,
    Parts(Vec<Pattern>),
    /// No ARN at all: it fits nothing.
    Malformed,
}

impl ArnPattern {
    /// Reads an ARN out of a policy.
    pub(super) fn read(text: &str, variables: bool) -> Self {
        if text == "*" {
            return Self::Any;
        }
        let parts = arn_parts(text);
        if parts.len() < ARN_PARTS || parts[0] != "arn" {
            return Self::Malformed;
        }
        Self::Parts(parts.into_iter().map(|part| Pattern::wild(part, variables)).collect())
    }

    /// Whether an ARN fits.
    pub(super) fn fits(&self, arn: &str, context: Context<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Malformed => false,
            Self::Parts(patterns) => {
                let parts: Vec<&str> = arn.splitn(ARN_PARTS, ':').collect();
                parts.len() == ARN_PARTS
                    && patterns.iter().zip(parts).all(|(pattern, part)| pattern.fits(part, context))
            }
        }
    }

    /// The condition keys that its variables name.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let patterns = match self {
            Self::Any | Self::Malformed => [].iter(),
            Self::Parts(patterns) => patterns.iter(),
        };
        patterns.flat_map(Pattern::keys)
    }

    /// Whether it has no wildcard and no variable.
    pub(super) fn is_fixed(&self) -> bool {
        match self {
            Self::Any | Self::Malformed => false,
            Self::Parts(patterns) => patterns.iter().all(Pattern::is_fixed),
        }
    }
}

/// The parts of an ARN, the colons within `${...}` aside.
pub(super) fn arn_parts(text: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut inside) = (Vec::new(), 0, false);
    for (place, character) in text.char_indices() {
        match character {
            '{' if text[..place].ends_with('$') => inside = true,
            '}' => inside = false,
            ':' if !inside && parts.len() + 1 < ARN_PARTS => {
                parts.push(&text[begin..place]);
                begin = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: Context<'static> = &[("aws:username", "ann*"), ("aws:TagKeys", "a"), ("aws:TagKeys", "b")];

    #[test]
    fn wildcards_fit_as_in_iam() {
        for (pattern, text) in [("*", ""), ("s3:*", "s3:GetObject"), ("a?c*", "abcdef"), ("a*b*c", "aXbYc"), ("", "")] {
            assert!(Pattern::wild(pattern, true).fits(text, &[]), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("s3:Get", "s3:GetObject"), ("a?", "a"), ("*b", "a"), ("?", ""), ("a", "A")]
        {
            assert!(!Pattern::wild(pattern, true).fits(text, &[]), "{pattern} {text}");
        }
        assert!(Pattern::wild("?b*", true).fits("äbc", &[]), "a character, not a byte");
        assert!(Pattern::wild("*aab", true).fits("aaaab", &[]));
        assert!(Pattern::plain("a*", true).fits("a*", &[]) && !Pattern::plain("a*", true).fits("ab", &[]));
        assert!(Pattern::wild("S3:get*", true).fits_in_any_case("s3:GetObject", &[]));
    }

    #[test]
    fn variables_take_their_values_literally() {
        let cases = [
            ("home/${aws:username}/*", "home/ann*/x", true),
            ("home/${aws:username}/*", "home/anna/x", false),
            ("home/${AWS:UserName}/*", "home/ann*/x", true),
            ("${aws:userid}", "${aws:userid}", false),
            ("${aws:userid, 'nobody'}/*", "nobody/x", true),
            ("${aws:TagKeys}", "a", false),
            ("a${*}b", "a*b", true),
            ("a${*}b", "axb", false),
            ("${$}{x}", "${x}", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::wild(pattern, true).fits(text, CONTEXT), expected, "{pattern} {text}");
        }
        assert!(Pattern::wild("${aws:username}", false).fits("${aws:username}", CONTEXT), "before 2012-10-17");
    }

    #[test]
    fn arns_are_compared_part_by_part() {
        let cases = [
            ("*", "anything", true),
            ("arn:aws:s3:::orders/*", "arn:aws:s3:::orders/a/b:c", true),
            ("arn:aws:s3:::orders", "arn:aws:s3:::orders/a", false),
            ("arn:aws:iam::*:role/crr", "arn:aws:iam::111111111111:role/crr", true),
            ("arn:aws:*:role/crr", "arn:aws:iam::111111111111:role/crr", false),
            ("arn:aws:iam:*", "arn:aws:iam::111111111111:role/crr", false),
            ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::ann*/k", true),
            ("arn:aws:s3::orders/*", "arn:aws:s3:::orders/a", false),
        ];
        for (pattern, arn, expected) in cases {
            assert_eq!(ArnPattern::read(pattern, true).fits(arn, CONTEXT), expected, "{pattern} {arn}");
        }
    }
}
