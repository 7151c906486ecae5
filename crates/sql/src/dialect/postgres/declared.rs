//! What larder can do with columns that others have declared.
//!
//! | kind | declared by others | what is done |
//! | --- | --- | --- |
//! | int | `integer`, `smallint` | out of its range: refused by the database |
//! | uint | `numeric(n,0)` | the same |
//! | text | `character varying(n)` | longer texts are refused, also those of which PostgreSQL would cut off blanks |
//! | text | `character(n)` | texts that end with a blank are refused, since it drops them |
//! | text | an enumeration | other texts than its members are refused; it sorts as its texts do |
//! | decimal | `numeric(p,s)` | numbers with more digits are refused, where PostgreSQL would round |
//! | instant | `timestamp` without a time zone, `timestamp(n)` | taken as UTC; more digits behind the second are refused |
//! | json | `jsonb` | |

use larder_core::Kind;
use larder_query::Decimal;

use super::Postgres;
use crate::dialect::Dialect;
use crate::shape::{Shape, Takes, Wrap, quoted_texts};

/// How a column that is declared like this holds the values of a kind; none if it would hold some as others.
pub(super) fn shape(kind: Kind, declared: &str) -> Option<Shape> {
    let usual = |fits: bool| fits.then(Shape::default);
    match kind {
        // A number that a smaller column can't hold is refused when it comes.
        Kind::Int => usual(matches!(declared, "bigint" | "integer" | "smallint")),
        // Digits behind the point would be rounded off.
        Kind::Uint => usual(declared == "numeric" || declared.ends_with(",0)")),
        Kind::Text => text(declared),
        Kind::Json => usual(matches!(declared, "json" | "jsonb")),
        Kind::Decimal if declared != "numeric" => {
            let (digits, fraction) = inside(declared, "numeric(", ")")?.split_once(',')?;
            let (digits, fraction): (u8, u8) = (digits.parse().ok()?, fraction.parse().ok()?);
            let whole = digits.checked_sub(fraction)?;
            (digits <= Decimal::MAX_DIGITS)
                .then(|| Shape::taking(Takes::Digits { whole, fraction }))
        }
        Kind::Instant => {
            let zone = [" with time zone", " without time zone"];
            let bare = zone.iter().find_map(|zone| declared.strip_suffix(zone))?;
            match bare {
                "timestamp" => usual(true),
                bare => {
                    let kept = inside(bare, "timestamp(", ")")?.parse().ok()?;
                    Some(Shape::taking(match kept {
                        6 => Takes::All,
                        kept => Takes::Seconds(kept),
                    }))
                }
            }
        }
        Kind::Bool | Kind::Float | Kind::Decimal | Kind::Bytes | Kind::Date | Kind::Uuid => {
            usual(declared == Postgres::column_type(kind))
        }
    }
}

fn text(declared: &str) -> Option<Shape> {
    if matches!(declared, "text" | "character varying") {
        return Some(Shape::default());
    }
    let length = |start| inside(declared, start, ")").and_then(|length| length.parse().ok());
    if let Some(length) = length("character varying(") {
        return Some(Shape::taking(Takes::Chars(length)));
    }
    let exact = Some(Wrap::new("CAST(", " AS text)"));
    if let Some(length) = length("character(") {
        return Some(Shape {
            exact,
            loose: Some(Wrap::new("CAST(", " AS bpchar)")),
            takes: Takes::Trimmed(length),
            ..Shape::default()
        });
    }
    let (name, members) = declared.rsplit_once(" ENUM(")?;
    let members = quoted_texts(members.strip_suffix(')')?)?;
    // The name is as the catalogue quotes it.
    let cast = Wrap::new("CAST(", format!(" AS {name})"));
    Some(Shape {
        exact,
        loose: Some(cast.clone()),
        stored: Some(cast),
        takes: Takes::OneOf(members.into()),
        ..Shape::default()
    })
}

fn inside<'d>(declared: &'d str, start: &str, end: &str) -> Option<&'d str> {
    declared.strip_prefix(start)?.strip_suffix(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_others_fit_or_not() {
        for (kind, declared, fits) in [
            (Kind::Int, "smallint", true),
            (Kind::Int, "numeric", false),
            (Kind::Uint, "numeric(20,0)", true),
            (Kind::Uint, "numeric(20,2)", false),
            (Kind::Decimal, "numeric(10,2)", true),
            (Kind::Decimal, "numeric(100,2)", false),
            (Kind::Decimal, "numeric(2,-3)", false),
            (Kind::Text, "character varying", true),
            (Kind::Text, "character varying(9)", true),
            (Kind::Text, "character(9)", true),
            (Kind::Text, "mood ENUM('sad','it''s ok')", true),
            (Kind::Text, "integer", false),
            (Kind::Instant, "timestamp without time zone", true),
            (Kind::Instant, "timestamp(0) with time zone", true),
            (Kind::Instant, "time without time zone", false),
            (Kind::Float, "real", false),
        ] {
            assert_eq!(
                shape(kind, declared).is_some(),
                fits,
                "{kind:?} in {declared}"
            );
        }
        for kind in [Kind::Uint, Kind::Decimal, Kind::Instant, Kind::Date] {
            let own = shape(kind, Postgres::column_type(kind));
            assert_eq!(own, Some(Shape::default()), "{kind:?}");
        }
        let mood = shape(Kind::Text, "other.\"Mood\" ENUM('sad')").unwrap();
        assert_eq!(
            mood.stored.unwrap().around("$1"),
            "CAST($1 AS other.\"Mood\")"
        );
    }
}
