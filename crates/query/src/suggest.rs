//! "Did you mean": the known word that is nearest to a mistyped one.

/// Longer words are not worth the work: nobody mistypes a name of this length into another.
const LONGEST: usize = 64;

/// The known word nearest to `word`, if it is near enough to be what was meant.
///
/// Near enough is an edit distance (swapped neighbours count once, case not at all) of at most a
/// third of the word's length plus one, with something in common. Of equally near words the first wins.
///
/// ```
/// use larder_query::nearest;
///
/// assert_eq!(nearest("titel", ["author", "title"]), Some("title"));
/// assert_eq!(nearest("colour", ["author", "title"]), None);
/// ```
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = lower(word);
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let limit = word.len() / 3 + 1;
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in known {
        let letters = lower(candidate);
        if letters.len() > LONGEST || letters.len().abs_diff(word.len()) > limit {
            continue;
        }
        let distance = distance(&word, &letters);
        let in_common = distance < word.len().max(letters.len());
        if distance <= limit && in_common && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Operators by the names that they have elsewhere, with ours.
const ELSEWHERE: [(&str, &str); 25] = [
    ("like", "contains"),
    ("ilike", "contains"),
    ("has", "contains"),
    ("includes", "contains"),
    ("substring", "contains"),
    ("prefix", "starts_with"),
    ("begins_with", "starts_with"),
    ("beginswith", "starts_with"),
    ("suffix", "ends_with"),
    ("equals", "eq"),
    ("equal", "eq"),
    ("is", "eq"),
    ("iexact", "eq_ignore_case"),
    ("ieq", "eq_ignore_case"),
    ("not_equal", "ne"),
    ("neq", "ne"),
    ("lte", "le"),
    ("gte", "ge"),
    ("less_than", "lt"),
    ("greater_than", "gt"),
    ("any_of", "in"),
    ("nin", "out"),
    ("not_in", "out"),
    ("regex", "match"),
    ("regexp", "match"),
];

/// The operator that is meant by a word: one of the known ones that it is nearest to, or has as its name in SQL and elsewhere.
///
/// ```
/// use larder_query::nearest_operator;
///
/// let known = ["eq", "le", "contains"];
/// assert_eq!(nearest_operator("like", known), Some("contains"));
/// assert_eq!(nearest_operator("contain", known), Some("contains"));
/// assert_eq!(nearest_operator("regex", known), None);
/// ```
pub fn nearest_operator<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == word);
    match elsewhere {
        Some((_, ours)) => known.into_iter().find(|known| known == ours),
        None => nearest(word, known),
    }
}

fn lower(word: &str) -> Vec<char> {
    word.chars()
        .take(LONGEST + 1)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Edit distance with insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = change.min(last[j] + 1).min(row[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, d) in [
            ("", "abc", 3),
            ("abc", "acb", 1),
            ("kitten", "sitting", 3),
            ("a", "a", 0),
        ] {
            let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
            assert_eq!(distance(&a, &b), d);
            assert_eq!(distance(&b, &a), d);
        }
    }

    #[test]
    fn near_enough_only() {
        let ops = ["eq", "ne", "starts_with", "contains"];
        assert_eq!(nearest("startswith", ops), Some("starts_with"));
        assert_eq!(nearest("CONTAINS", ops), Some("contains"));
        assert_eq!(nearest("contians", ops), Some("contains"));
        assert_eq!(nearest("x", ops), None);
        assert_eq!(nearest("", ops), None);
        assert_eq!(nearest(&"x".repeat(10_000), ops), None);
    }
}
