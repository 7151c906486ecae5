//! The types of columns: what larder declares, and what it can do with what others have declared.
//!
//! | kind | declared by others | what is done |
//! | --- | --- | --- |
//! | text | `VARCHAR`, `TEXT` of another collation or character set | compared and sorted by its bytes all the same; an index of the column finds what is equal or begins alike |
//! | text | `CHAR(n)` | the same; texts that end with a blank are refused, since it drops them |
//! | text | `ENUM` | the same; other texts than its members are refused |
//! | int | every whole number, `BIGINT UNSIGNED`, `DECIMAL(18,0)`, `YEAR` | out of its range: refused by the database, of `YEAR` by larder |
//! | bool | `TINYINT`, `BIT(1)` | |
//! | decimal | `DECIMAL(p,s)` | numbers with more digits behind the point are refused, where the database would round |
//! | instant | `DATETIME`, `TIMESTAMP` with less than six digits | instants with more are refused, where the database would round |
//! | uuid | `BINARY(16)` | its bytes |
//! | bytes | `BINARY(n)` | of another length: refused, where the database would fill up |
//! | float | `FLOAT` | read only |

use std::borrow::Cow;

use larder_core::Kind;
use larder_query::Decimal;

use super::MySql;
use crate::dialect::Beyond;
use crate::shape::{Form, Shape, Takes, Wrap, quoted_texts};

/// What is said of a text's characters and their order.
macro_rules! utf8 {
    ($type:literal) => {
        concat!(
            $type,
            " CHARACTER SET utf8mb4 COLLATE /*M! utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */"
        )
    };
}

macro_rules! ascii {
    ($type:literal) => {
        concat!($type, " CHARACTER SET ascii COLLATE ascii_bin")
    };
}

/// Texts of any length.
const TEXT: &str = utf8!("LONGTEXT");

/// What stands behind the type of a text.
const EXACT: &str = utf8!("");

/// The most characters of a text in an index that has up to three.
const INDEXED: usize = 255;

/// Characters that fit into an index: of 3,072 bytes, at four bytes each, with 200 left for what is no text.
const INDEX_ROOM: usize = 718;

/// What larder declares for a kind.
pub(super) fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "TINYINT(1)",
        Kind::Int => "BIGINT",
        Kind::Uint => "BIGINT UNSIGNED",
        Kind::Float => "DOUBLE",
        Kind::Text | Kind::Json => TEXT,
        Kind::Bytes => "LONGBLOB",
        Kind::Uuid => ascii!("CHAR(36)"),
        Kind::Decimal => ascii!("VARCHAR(64)"),
        Kind::Date => "DATE",
        Kind::Instant => "DATETIME(6)",
    }
}

/// The same for a column of an index with so many texts and bytes in it.
pub(super) fn in_index(kind: Kind, long: usize) -> Cow<'static, str> {
    let length = INDEXED.min(INDEX_ROOM / long.max(1));
    match kind {
        Kind::Text => Cow::Owned(format!("VARCHAR({length}){EXACT}")),
        Kind::Bytes => Cow::Owned(format!("VARBINARY({length})")),
        kind => Cow::Borrowed(of_kind(kind)),
    }
}

impl MySql {
    /// A column's type in the words that larder declares it with, out of what the database says of it: `bigint(20)` and no
    /// collation, or `varchar(255)` and `utf8mb4_nopad_bin`.
    pub(crate) fn declared(
        column_type: &str,
        charset: Option<&str>,
        collation: Option<&str>,
    ) -> String {
        let end = column_type.find('(').unwrap_or(column_type.len());
        let (base, rest) = column_type.split_at(end);
        let base = base.to_ascii_lowercase();
        // The width for display says nothing, but of one digit that it is a truth value.
        let whole = WHOLE.contains(&base.as_str()) && column_type != "tinyint(1)";
        let rest = match rest.split_once(')') {
            Some((_, behind)) if whole => behind,
            _ => rest,
        };
        match (charset, collation) {
            (Some("utf8mb4"), Some(collation)) if is_exact(collation) => {
                format!("{base}{rest}{EXACT}")
            }
            (Some(charset), Some(collation)) => {
                format!("{base}{rest} CHARACTER SET {charset} COLLATE {collation}")
            }
            _ => format!("{base}{rest}"),
        }
    }
}

/// Whether a collation takes texts by their code points and lets spaces at the end count.
fn is_exact(collation: &str) -> bool {
    ["utf8mb4_nopad_bin", "utf8mb4_0900_bin"].contains(&collation)
}

const WHOLE: [&str; 5] = ["tinyint", "smallint", "mediumint", "int", "bigint"];
const TEXTS: [&str; 5] = ["varchar", "tinytext", "text", "mediumtext", "longtext"];
const BLOBS: [&str; 5] = ["varbinary", "tinyblob", "blob", "mediumblob", "longblob"];

/// A declared type, taken apart.
pub(super) struct Declared<'a> {
    /// `varchar`, `bigint`.
    base: String,
    /// What stands in parentheses.
    inside: &'a str,
    /// The character set and the collation of its texts; none of larder's own.
    order: Option<(&'a str, &'a str)>,
    /// Whether its texts are compared exactly as larder wants it.
    exact: bool,
}

impl<'a> Declared<'a> {
    pub(super) fn of(declared: &'a str) -> Self {
        // Members of an `ENUM` may hold any words, but stand before these.
        let (of_type, order) = match declared.rsplit_once(" CHARACTER SET ") {
            Some((of_type, order)) => (of_type, order.split_once(" COLLATE ")),
            None => (declared, None),
        };
        let exact = order.is_some_and(|(_, collation)| collation.starts_with("/*"));
        let end = of_type.find(['(', ' ']).unwrap_or(of_type.len());
        let (base, rest) = of_type.split_at(end);
        let inside = rest
            .strip_prefix('(')
            .and_then(|rest| rest.rsplit_once(')'));
        Self {
            base: base.to_ascii_lowercase(),
            inside: inside.map_or("", |(inside, _)| inside),
            order: order.filter(|_| !exact),
            exact,
        }
    }

    pub(super) fn is(&self, base: &str) -> bool {
        self.base == base
    }

    fn is_one_of(&self, bases: &[&str]) -> bool {
        bases.contains(&self.base.as_str())
    }

    /// Whether an index would take no more than the beginning of its values.
    pub(super) fn is_unbounded(&self) -> bool {
        self.base.ends_with("text") || self.base.ends_with("blob")
    }

    /// The number in parentheses.
    fn length(&self) -> Option<usize> {
        self.inside.parse().ok()
    }

    /// How many digits there are, and how many of them behind the point.
    fn digits(&self) -> Option<(u8, u8)> {
        let (digits, fraction) = self.inside.split_once(',').unwrap_or((self.inside, "0"));
        Some((digits.parse().ok()?, fraction.parse().ok()?))
    }

    fn is_decimal(&self) -> Option<(u8, u8)> {
        self.digits().filter(|_| self.is("decimal"))
    }

    /// Whether its texts are compared by their bytes, spaces at the end apart.
    fn is_binary(&self) -> bool {
        self.exact || self.order.is_some_and(|(_, order)| order.ends_with("_bin"))
    }

    /// Whether it holds every character.
    fn is_unicode(&self) -> bool {
        self.exact || self.order.is_some_and(|(charset, _)| charset == "utf8mb4")
    }

    /// How texts are held that are these.
    fn texts(&self, takes: Takes) -> Option<Shape> {
        if self.exact {
            return Some(Shape::taking(takes));
        }
        let (charset, collation) = self.order?;
        let is_name = |name: &str| {
            let of_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
            name.chars().all(of_name)
        };
        if !is_name(charset) || !is_name(collation) {
            return None;
        }
        let exact = EXACT.split_once(" COLLATE ").map_or("", |(_, exact)| exact);
        Some(Shape {
            exact: Some(Wrap::new(
                "CONVERT(",
                format!(" USING utf8mb4) COLLATE {exact}"),
            )),
            loose: Some(Wrap::new(
                "CONVERT(",
                format!(" USING {charset}) COLLATE {collation}"),
            )),
            takes,
            ..Shape::default()
        })
    }
}

/// How a column that is declared like this holds the values of a kind; none if it would hold some as others.
pub(super) fn shape(kind: Kind, declared: &str) -> Option<Shape> {
    let of = Declared::of(declared);
    let usual = |fits: bool| fits.then(Shape::default);
    match kind {
        Kind::Bool => usual(of.is("tinyint") || of.is("bit") && of.length() == Some(1)),
        Kind::Int if of.is("year") => Some(Shape {
            // A number of one or two digits would be taken for a year of 1970 to 2069.
            exact: Some(Wrap::new("(", " + 0)")),
            takes: Takes::Years,
            ..Shape::default()
        }),
        Kind::Int => {
            let small = |(digits, fraction)| digits <= 18 && fraction == 0;
            usual(of.is_one_of(&WHOLE) || of.is_decimal().is_some_and(small))
        }
        Kind::Uint => usual(of.is_one_of(&WHOLE)),
        Kind::Float => usual(of.is("double")),
        Kind::Text => text(&of),
        // Conditions on it are not the database's, so its collation is no matter.
        Kind::Json => usual(of.is("json") || of.is_one_of(&TEXTS) && of.is_unicode()),
        Kind::Bytes if of.is("binary") => Some(Shape::taking(Takes::Bytes(of.length()?))),
        Kind::Bytes => usual(of.is_one_of(&BLOBS)),
        Kind::Uuid if of.is("binary") && of.length() == Some(16) => Some(Shape {
            usual: Some(Wrap::new(
                "LOWER(INSERT(INSERT(INSERT(INSERT(HEX(",
                "), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-'))",
            )),
            form: Form::Raw,
            ..Shape::default()
        }),
        // All are written in one way, whose signs every collation has in one order.
        Kind::Uuid => {
            let long = of.length().is_some_and(|length| length >= 36);
            usual(of.is_one_of(&["char", "varchar"]) && long)
        }
        Kind::Decimal => decimal(&of),
        Kind::Date => usual(of.is("date")),
        Kind::Instant => {
            let kept = match of.inside {
                "" => 0,
                digits => digits.parse().ok()?,
            };
            let takes = match kept {
                6 => Takes::All,
                kept => Takes::Seconds(kept),
            };
            of.is_one_of(&["datetime", "timestamp"])
                .then(|| Shape::taking(takes))
        }
    }
}

/// Whole numbers with a sign in a field without one, or so large that no field with one has them.
pub(super) fn beyond(kind: Kind, declared: &str) -> Option<Beyond> {
    let of = Declared::of(declared);
    let unsigned = declared.to_ascii_lowercase().contains("unsigned");
    match kind {
        Kind::Int if unsigned && of.is("bigint") => Some(Beyond {
            test: " > 9223372036854775807",
            what: "numbers above 9223372036854775807",
            instead: "u64",
        }),
        Kind::Uint if !unsigned && of.is_one_of(&WHOLE) => Some(Beyond {
            test: " < 0",
            what: "numbers below 0",
            instead: "i64",
        }),
        _ => None,
    }
}

fn text(of: &Declared<'_>) -> Option<Shape> {
    match of.base.as_str() {
        "char" => of.texts(Takes::Trimmed(of.length()?)),
        "enum" => of.texts(Takes::OneOf(quoted_texts(of.inside)?.into())),
        "varchar" => of.texts(Takes::Chars(of.length()?)),
        "tinytext" => of.texts(Takes::Octets(0xff)),
        "text" => of.texts(Takes::Octets(0xffff)),
        "mediumtext" => of.texts(Takes::Octets(0xff_ffff)),
        "longtext" => of.texts(Takes::All),
        _ => None,
    }
}

fn decimal(of: &Declared<'_>) -> Option<Shape> {
    if let Some((digits, fraction)) = of.is_decimal() {
        let whole = digits.checked_sub(fraction)?;
        let cast = Wrap::new("CAST(", format!(" AS DECIMAL({digits},{fraction}))"));
        return (digits <= Decimal::MAX_DIGITS).then(|| Shape {
            // As a text it would be compared as a float.
            operand: Some(cast),
            form: Form::Digits,
            takes: Takes::Digits { whole, fraction },
            ..Shape::default()
        });
    }
    let long = of.length().is_some_and(|length| length >= 44);
    (of.is("varchar") && long && of.is_binary()).then(Shape::default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    /// What the catalogue says of a column, for both databases.
    fn declared(column_type: &str, collation: Option<&str>) -> String {
        let charset = collation.and_then(|collation| collation.split('_').next());
        MySql::declared(column_type, charset, collation)
    }

    #[test]
    fn own_columns_are_known_again() {
        for collation in ["utf8mb4_nopad_bin", "utf8mb4_0900_bin"] {
            let long = declared("longtext", Some(collation));
            assert!(
                long.eq_ignore_ascii_case(MySql::column_type(Kind::Text)),
                "{long}"
            );
            assert_eq!(shape(Kind::Text, &long), Some(Shape::default()));
            let short = declared("varchar(255)", Some(collation));
            assert!(
                short.eq_ignore_ascii_case(&MySql::indexed_type(Kind::Text, 2)),
                "{short}"
            );
            // Blanks beyond would be cut off.
            let takes = Some(Shape::taking(Takes::Chars(255)));
            assert_eq!(shape(Kind::Text, &short), takes);
            assert_eq!(
                shape(Kind::Text, &MySql::indexed_type(Kind::Text, 2)),
                takes
            );
        }
        // With a width for display in MariaDB, without one in MySQL.
        for (kind, texts) in [
            (Kind::Int, ["bigint(20)", "bigint"]),
            (Kind::Uint, ["bigint(20) unsigned", "bigint unsigned"]),
            (Kind::Bool, ["tinyint(1)", "tinyint(1)"]),
            (Kind::Instant, ["datetime(6)", "datetime(6)"]),
        ] {
            for text in texts {
                let found = declared(text, None);
                assert!(
                    found.eq_ignore_ascii_case(MySql::column_type(kind)),
                    "{found}"
                );
                assert_eq!(shape(kind, &found), Some(Shape::default()), "{found}");
            }
        }
        let uuid = declared("char(36)", Some("ascii_bin"));
        assert!(
            uuid.eq_ignore_ascii_case(MySql::column_type(Kind::Uuid)),
            "{uuid}"
        );
        for kind in [Kind::Decimal, Kind::Json, Kind::Bytes, Kind::Uuid] {
            assert_eq!(shape(kind, of_kind(kind)), Some(Shape::default()));
        }
    }

    #[test]
    fn columns_of_others_fit_or_not() {
        let general = Some("utf8mb4_general_ci");
        for (kind, text, collation, fits) in [
            (Kind::Text, "varchar(80)", Some("utf8mb4_nopad_bin"), true),
            (Kind::Text, "varchar(80)", general, true),
            (Kind::Text, "text", Some("latin1_swedish_ci"), true),
            (Kind::Text, "enum('a','b')", general, true),
            (Kind::Text, "set('a','b')", general, false),
            (Kind::Text, "varbinary(80)", None, false),
            (Kind::Json, "longtext", Some("utf8mb4_bin"), true),
            (Kind::Json, "json", None, true),
            (Kind::Json, "text", Some("latin1_swedish_ci"), false),
            (Kind::Uuid, "char(36)", general, true),
            (Kind::Uuid, "char(32)", general, false),
            (Kind::Uuid, "binary(16)", None, true),
            (Kind::Uuid, "binary(20)", None, false),
            (Kind::Bool, "bit(1)", None, true),
            (Kind::Bool, "bit(8)", None, false),
            (Kind::Int, "int(10) unsigned", None, true),
            (Kind::Int, "bigint(20) unsigned", None, true),
            (Kind::Int, "decimal(10,0)", None, true),
            (Kind::Int, "decimal(20,0)", None, false),
            (Kind::Int, "decimal(10,2)", None, false),
            (Kind::Int, "year(4)", None, true),
            (Kind::Uint, "mediumint(8)", None, true),
            (Kind::Float, "float", None, false),
            (Kind::Instant, "datetime", None, true),
            (Kind::Instant, "timestamp(6)", None, true),
            (Kind::Instant, "date", None, false),
            (Kind::Bytes, "binary(16)", None, true),
            (Kind::Bytes, "varbinary(16)", None, true),
            (Kind::Decimal, "decimal(10,2)", None, true),
            (Kind::Decimal, "decimal(10,2) unsigned", None, true),
            (Kind::Decimal, "decimal(65,2)", None, false),
            (Kind::Decimal, "double", None, false),
        ] {
            let found = declared(text, collation);
            assert_eq!(MySql::fits(kind, &found), fits, "{kind:?} in {found}");
        }
        assert!(MySql::fits_version("bigint") && !MySql::fits_version("int"));
        assert!(MySql::reads(Kind::Float, "float") && !MySql::reads(Kind::Text, "float"));
    }

    /// What larder declares itself is never looked through.
    #[test]
    fn numbers_that_a_field_does_not_have() {
        for (kind, text, test) in [
            (
                Kind::Int,
                "bigint(20) unsigned",
                Some(" > 9223372036854775807"),
            ),
            (Kind::Int, "int(10) unsigned", None),
            (Kind::Uint, "int(11)", Some(" < 0")),
            (Kind::Uint, "int(10) unsigned zerofill", None),
        ] {
            let found = beyond(kind, &declared(text, None));
            assert_eq!(found.map(|beyond| beyond.test), test, "{kind:?} in {text}");
        }
        for kind in [Kind::Int, Kind::Uint, Kind::Bool, Kind::Text] {
            assert!(beyond(kind, of_kind(kind)).is_none(), "{kind:?}");
        }
    }

    #[test]
    fn texts_of_another_order_are_compared_by_their_bytes() {
        let found = declared("ENUM('G','it''s (PG)')", Some("latin1_swedish_ci"));
        let shape = shape(Kind::Text, &found).unwrap();
        assert_eq!(
            shape.exact("`rating`"),
            "CONVERT(`rating` USING utf8mb4) COLLATE /*M! utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */"
        );
        assert_eq!(
            shape.loose.unwrap().around("?"),
            "CONVERT(? USING latin1) COLLATE latin1_swedish_ci"
        );
        let members: Vec<String> = ["G", "it's (PG)"].map(String::from).into();
        assert_eq!(shape.takes, Takes::OneOf(members.into()));
    }

    #[test]
    fn indexes_have_room_for_their_texts() {
        for texts in 1..10 {
            let declared = in_index(Kind::Text, texts);
            let length = Declared::of(&declared).length().unwrap();
            assert!(length * 4 * texts <= 2_872, "{texts} of {length}");
        }
        assert!(in_index(Kind::Text, 2).starts_with("VARCHAR(255)"));
        assert_eq!(in_index(Kind::Int, 2), "BIGINT");
    }
}
