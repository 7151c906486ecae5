//! Operation ids: `listPosts`, `publishPost`. Generated clients make their functions of them, so no two are the same.

use std::collections::BTreeSet;

/// The operation ids given so far.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// This id, or the first free one with a number behind it.
    pub(super) fn give(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut count = 1;
        while !self.0.insert(name.clone()) {
            count += 1;
            name = format!("{wanted}{count}");
        }
        name
    }
}

/// `Post` to `Posts`, `Category` to `Categories`, `Bus` to `Buses`.
pub(super) fn plural(name: &str) -> String {
    if let Some(stem) = name.strip_suffix('y')
        && stem.ends_with(|last: char| !"aeiouAEIOU".contains(last))
    {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "z", "ch", "sh"]
        .iter()
        .any(|end| name.ends_with(end));
    format!("{name}{}", if hisses { "es" } else { "s" })
}

/// `mark_read` to `markRead`.
pub(super) fn camel(name: &str) -> String {
    let mut upper = false;
    let mut text = String::with_capacity(name.len());
    for char in name.chars() {
        if char == '_' || char == '-' {
            upper = !text.is_empty();
        } else if std::mem::take(&mut upper) {
            text.extend(char.to_uppercase());
        } else {
            text.push(char);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_read_as_english() {
        let words = ["Post", "Category", "Day", "Bus", "Box", "Dish"].map(plural);
        assert_eq!(
            words,
            ["Posts", "Categories", "Days", "Buses", "Boxes", "Dishes"]
        );
    }

    #[test]
    fn no_operation_id_is_given_twice() {
        let mut names = Names::default();
        assert_eq!(
            [
                names.give("getPost"),
                names.give("getPost"),
                camel("mark_all_read")
            ],
            ["getPost", "getPost2", "markAllRead"]
        );
    }
}
