//! The nearest known word to one that is unknown.

/// Words must be at least so alike, from 0 to 1, to be proposed.
const ALIKE_MIN: f64 = 0.5;
/// The most words that are proposed.
const PROPOSED_MAX: usize = 2;

/// The known words most like an unknown one, best first; none where nothing is like it.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut alike: Vec<(f64, &str)> = known
        .into_iter()
        .map(|candidate| (likeness(word, candidate), candidate))
        .filter(|(score, _)| *score >= ALIKE_MIN)
        .collect();
    alike.sort_by(|(one, one_word), (two, two_word)| two.total_cmp(one).then(one_word.cmp(two_word)));
    alike.into_iter().take(PROPOSED_MAX).map(|(_, candidate)| candidate).collect()
}

/// How alike two words are, from 0 to 1: by letters, or by the words that they are made of, whichever is more.
fn likeness(one: &str, two: &str) -> f64 {
    let longest = one.chars().count().max(two.chars().count());
    let by_letters = 1.0 - ratio(distance(one, two), longest);
    let (parts, others) = (parts(one), parts(two));
    let mut left = others.clone();
    let shared = parts.iter().filter(|part| take(&mut left, part)).count();
    let by_parts = ratio(2 * shared, parts.len() + others.len());
    by_letters.max(by_parts)
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

fn take(left: &mut Vec<String>, part: &str) -> bool {
    let place = left.iter().position(|each| each == part);
    place.map(|place| left.remove(place)).is_some()
}

/// The words of a name in camel case, in lower case.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for letter in name.chars() {
        match parts.last_mut() {
            Some(last) if !letter.is_ascii_uppercase() => last.push(letter),
            Some(_) | None => parts.push(letter.to_ascii_lowercase().to_string()),
        }
    }
    parts
}

/// Levenshtein's distance, without regard to case.
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.to_ascii_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (line, letter) in one.to_ascii_lowercase().chars().enumerate() {
        let mut next = vec![line + 1];
        for (column, other) in two.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
            let replaced = at(&row, column) + usize::from(letter != *other);
            next.push(replaced.min(at(&row, column + 1) + 1).min(at(&next, column) + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
