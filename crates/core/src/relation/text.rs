//! Messages put together, and names looked up, while the compiler evaluates constants.

/// The longest message, in bytes; what is longer ends early.
const ROOM: usize = 640;

/// A message in the making.
pub(super) struct Message {
    bytes: [u8; ROOM],
    len: usize,
}

impl Message {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; ROOM],
            len: 0,
        }
    }

    /// Adds these texts, as far as there is room for each.
    pub(super) const fn with(mut self, texts: &[&str]) -> Self {
        let mut at = 0;
        while at < texts.len() {
            let text = texts[at].as_bytes();
            if self.len + text.len() <= ROOM {
                let mut byte = 0;
                while byte < text.len() {
                    self.bytes[self.len] = text[byte];
                    self.len += 1;
                    byte += 1;
                }
            }
            at += 1;
        }
        self
    }

    /// `` ; did you mean `..`? ``, if one of the names is near.
    pub(super) const fn suggest(self, name: &str, names: &[&str]) -> Self {
        self.suggest_or(name, names, &[])
    }

    /// As [`suggest`](Self::suggest), with another advice where no name is near.
    pub(super) const fn suggest_or(self, name: &str, names: &[&str], advice: &[&str]) -> Self {
        match nearest(name, names) {
            Some(near) => self.with(&["; did you mean `", near, "`?"]),
            None => self.with(advice),
        }
    }

    pub(super) const fn as_str(&self) -> &str {
        // Whole texts went in, so it is one.
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "a mistake in a relation",
        }
    }
}

/// Whether two texts are the same.
pub(super) const fn same(one: &str, other: &str) -> bool {
    crate::registry::has_field(&[one], other)
}

/// As `larder_query::nearest`, which can't run in a constant.
const fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let limit = word.len() / 3 + 1;
    let (mut best, mut found) = (limit + 1, None);
    let mut at = 0;
    while at < known.len() {
        let distance = distance(word.as_bytes(), known[at].as_bytes());
        let in_common = distance < word.len() || distance < known[at].len();
        if distance < best && in_common {
            (best, found) = (distance, Some(known[at]));
        }
        at += 1;
    }
    found
}

/// Words beyond this are not compared.
const LONGEST: usize = 64;

/// Edit distance with insertions, deletions, substitutions and swaps of neighbours, case not counted.
const fn distance(a: &[u8], b: &[u8]) -> usize {
    if a.len() > LONGEST || b.len() > LONGEST {
        return usize::MAX;
    }
    let mut rows = [[0; LONGEST + 1]; 3];
    let mut j = 0;
    while j <= b.len() {
        rows[0][j] = j;
        j += 1;
    }
    let mut i = 1;
    while i <= a.len() {
        let (row, last, before) = (i % 3, (i - 1) % 3, (i + 1) % 3);
        rows[row][0] = i;
        j = 1;
        while j <= b.len() {
            let change = rows[last][j - 1] + if equal(a[i - 1], b[j - 1]) { 0 } else { 1 };
            let mut least = min(change, min(rows[last][j] + 1, rows[row][j - 1] + 1));
            if i > 1 && j > 1 && equal(a[i - 1], b[j - 2]) && equal(a[i - 2], b[j - 1]) {
                least = min(least, rows[before][j - 2] + 1);
            }
            rows[row][j] = least;
            j += 1;
        }
        i += 1;
    }
    rows[a.len() % 3][b.len()]
}

const fn equal(one: u8, other: u8) -> bool {
    one.eq_ignore_ascii_case(&other)
}

const fn min(one: usize, other: usize) -> usize {
    if one < other { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::{Message, nearest};

    #[test]
    fn it_finds_what_the_other_one_finds() {
        let names = ["author", "title", "_created", "status"];
        for word in [
            "auhtor", "titel", "Title", "created", "statsu", "colour", "x", "", "authors",
        ] {
            let other = larder_query::nearest(word, names);
            let other = other.filter(|_| !word.is_empty());
            let found = nearest(word, &names).filter(|_| !word.is_empty());
            assert_eq!(found, other, "{word}");
        }
    }

    #[test]
    fn a_message_ends_where_there_is_no_room() {
        let long = "ü".repeat(319);
        let message = Message::new().with(&["ab", &long, "cd", "e"]);
        assert_eq!(message.as_str(), format!("ab{long}"));
        assert_eq!(
            Message::new().suggest("txt", &["text"]).as_str(),
            "; did you mean `text`?"
        );
    }
}
