//! What messages for people need of the English language.

/// A model's name behind its article: `a Post`, `an Order`, `a User`.
pub(crate) fn a(name: &str) -> String {
    // Words with a U begin with a consonant's sound more often than not: User, Unit.
    let article = if name.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {name}")
}

#[cfg(test)]
mod tests {
    use super::a;

    #[test]
    fn the_article_goes_by_the_first_letter() {
        let told = ["Post", "Order", "Issue", "User", "entry", ""].map(a);
        assert_eq!(
            told,
            ["a Post", "an Order", "an Issue", "a User", "an entry", "a "]
        );
    }
}
