//! The rows that every server of the comparison starts with, and the bodies that the load generator sends. All of it depends on the
//! row's number only, so that three processes hold the same data without talking to each other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Builder;

/// The fields that a client sees of an order, in the order in which they are written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// A UUIDv7 as text.
    pub id: String,
    /// Who ordered: `c0` to `c999`. The indexed field.
    pub customer: String,
    /// 1 to 120 characters.
    pub title: String,
    /// Never negative.
    pub amount: i64,
    /// A decimal that is not a whole number most of the time.
    pub price: f64,
    /// Whether it was paid.
    pub paid: bool,
    /// Free text; null in a third of the rows.
    pub note: Option<String>,
    /// One to three words.
    pub tags: Vec<String>,
    /// When it was placed, to the second.
    pub placed: Timestamp,
}

/// What a client sends to create or replace an order: all its fields but the id.
#[derive(Debug, Serialize)]
struct Body<'a> {
    customer: &'a str,
    title: &'a str,
    amount: i64,
    price: f64,
    paid: bool,
    note: Option<&'a str>,
    tags: &'a [String],
    placed: Timestamp,
}

const FIRST_MILLISECOND: u64 = 1_700_000_000_000;
const FIRST_SECOND: i64 = 1_600_000_000;
const WORDS: [&str; 16] = [
    "amber", "basil", "cedar", "delta", "ember", "fjord", "grove", "heron", "ivory", "juniper",
    "kelp", "lilac", "maple", "nectar", "olive", "pepper",
];

/// How many customers share `rows` rows: 100 rows each, at most 1,000 customers.
#[must_use]
pub fn customers(rows: u64) -> u64 {
    (rows / 100).clamp(1, 1_000)
}

/// The id of row `number`, a well-formed UUIDv7. Ids sort as the numbers do.
#[must_use]
pub fn id(number: u64) -> String {
    let random = (u128::from(mix(number)) << 64 | u128::from(mix(!number))).to_be_bytes();
    let mut tail = [0; 10];
    tail.copy_from_slice(&random[..10]);
    Builder::from_unix_timestamp_millis(FIRST_MILLISECOND + number, &tail)
        .into_uuid()
        .to_string()
}

/// Row `number` of a set of `rows`.
///
/// ```
/// use larder_bench::orders;
/// assert_eq!(orders::order(7, 100_000), orders::order(7, 100_000));
/// assert_eq!(orders::order(7, 100_000).customer, "c7");
/// ```
#[must_use]
pub fn order(number: u64, rows: u64) -> Order {
    let dice = mix(number ^ 0x5EED);
    let word = |shift: u32| WORDS[(dice >> shift) as usize % WORDS.len()];
    Order {
        id: id(number),
        customer: format!("c{}", number % customers(rows)),
        title: format!("{} {} {} no. {number}", word(0), word(4), word(8)),
        amount: (dice >> 12 & 0xFFFF) as i64,
        price: (dice >> 28 & 0xF_FFFF) as f64 / 100.0,
        paid: dice >> 48 & 1 == 1,
        note: (!number.is_multiple_of(3))
            .then(|| format!("leave it by the {} {}", word(16), word(20))),
        tags: (0..1 + number as u32 % 3)
            .map(|n| word(49 + 4 * n).to_owned())
            .collect(),
        placed: Timestamp::from_second(FIRST_SECOND + number as i64 * 61)
            .unwrap_or(Timestamp::UNIX_EPOCH),
    }
}

/// Rows `0..rows`, in order of their ids.
pub fn all(rows: u64) -> impl Iterator<Item = Order> {
    (0..rows).map(move |number| order(number, rows))
}

/// The JSON that creates or replaces an order: `order` without its id.
#[must_use]
pub fn body(order: &Order) -> String {
    let body = Body {
        customer: &order.customer,
        title: &order.title,
        amount: order.amount,
        price: order.price,
        paid: order.paid,
        note: order.note.as_deref(),
        tags: &order.tags,
        placed: order.placed,
    };
    serde_json::to_string(&body).unwrap_or_default()
}

/// A number scattered over all 64 bits (splitmix64): stands in for random, and is the same everywhere.
#[must_use]
pub fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_sort_as_their_numbers() {
        let ids: Vec<String> = (0..500).map(id).collect();
        assert!(ids.is_sorted());
        for id in &ids {
            assert_eq!(
                uuid::Uuid::parse_str(id).map(|id| id.get_version_num()),
                Ok(7)
            );
        }
    }

    #[test]
    fn every_customer_has_the_same_number_of_rows() {
        let of_c3 = all(10_000).filter(|order| order.customer == "c3").count();
        assert_eq!(of_c3, 100);
    }

    #[test]
    fn a_body_is_the_row_without_its_id() {
        let row = order(4, 1_000);
        let mut json = serde_json::to_value(&row).unwrap();
        json.as_object_mut().unwrap().remove("id");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&body(&row)).unwrap(),
            json
        );
    }
}
