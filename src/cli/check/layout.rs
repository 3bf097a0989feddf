//! Lines that fit: prose is broken at the width of whoever reads it, what can be copied never is.

use std::io::IsTerminal;

/// The width where no terminal tells one.
pub(super) const PIPED: usize = 100;

/// Narrower than this nothing can be read any more.
const LEAST: usize = 40;

/// What `COLUMNS` says, or the terminal; 100 where the report goes elsewhere.
pub(super) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok()).filter(|it| *it > 0);
    columns.or_else(of_terminal).unwrap_or(PIPED).max(LEAST)
}

fn of_terminal() -> Option<usize> {
    let out = std::io::stdout();
    let size = out.is_terminal().then(|| terminal_size::terminal_size_of(out)).flatten();
    size.map(|(terminal_size::Width(columns), _)| usize::from(columns))
}

/// Writes `text` after `first`, its further lines indented by `indent`.
pub(super) fn put(out: &mut String, width: usize, first: &str, indent: usize, text: &str) {
    out.push_str(first);
    let mut used = columns(first);
    let mut begins = true;
    for word in text.split(' ') {
        let more = columns(word);
        if !begins && used + 1 + more > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            (used, begins) = (indent, true);
        }
        if !begins {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += more;
        begins = false;
    }
    out.push('\n');
}

/// Whether a line is a command or part of a document, to be copied as it is.
pub(super) fn is_literal(text: &str) -> bool {
    text.starts_with(' ') || text.contains('{') || text.starts_with("aws ")
}

/// How many columns a text takes: colours take none.
fn columns(text: &str) -> usize {
    let mut letters = text.chars();
    let mut count = 0;
    while let Some(letter) = letters.next() {
        if letter == '\x1b' {
            letters.by_ref().find(|each| *each == 'm');
        } else {
            count += 1;
        }
    }
    count
}
