//! Where the statements of a policy stand in its text, for those who are told which ones matched.

/// A part of a text, from its first character to the one behind its last, each as line and column from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sim::world) struct Span {
    pub(in crate::sim::world) start: (usize, usize),
    pub(in crate::sim::world) end: (usize, usize),
}

/// The spans of the objects in `Statement` of a document that was found to be JSON, in their order.
pub(super) fn statements(text: &str) -> Vec<Span> {
    let (mut spans, mut depth, mut begun) = (Vec::new(), 0_usize, None);
    let (mut line, mut column) = (1, 1);
    let (mut in_text, mut escaped) = (false, false);
    let (mut word, mut member) = (String::new(), String::new());
    for character in text.chars() {
        if in_text {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_text = false,
                other => word.push(other),
            }
        } else {
            match character {
                '"' => {
                    in_text = true;
                    word.clear();
                }
                ':' if depth == 1 => member = std::mem::take(&mut word),
                '{' => {
                    depth += 1;
                    if depth == 2 && member == "Statement" {
                        begun = Some((line, column));
                    }
                }
                '}' => {
                    if let Some(start) = begun.filter(|_| depth == 2) {
                        spans.push(Span { start, end: (line, column + 1) });
                        begun = None;
                    }
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
        }
        (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_in_the_text() {
        let text = "{\"Id\":\"{\\\"\",\n \"Statement\": [{\"a\":{\"b\":1}},\n  {\"Sid\":\"}\"}]}";
        let spans = statements(text);
        assert_eq!(spans[0], Span { start: (2, 16), end: (2, 29) });
        assert_eq!(spans[1], Span { start: (3, 3), end: (3, 14) });
        assert_eq!(statements("{\"Statement\":{\"Effect\":\"Deny\"}}")[0].start, (1, 14));
    }
}
