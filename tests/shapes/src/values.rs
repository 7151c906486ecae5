//! Strategies for the JSON that a tree of types takes, in the spelling that it is answered in.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::strategy::Union;
use serde_json::{Map, Value as Json, json};

use crate::shape::{Case, Content, Field, Tagging, Ty, Variant};

/// Objects of these fields.
pub fn object(case: Case, fields: &[Field]) -> BoxedStrategy<Json> {
    let parts: Vec<BoxedStrategy<Map<String, Json>>> =
        fields.iter().map(|field| member(case, field)).collect();
    parts
        .prop_map(|parts| Json::Object(parts.into_iter().flatten().collect()))
        .boxed()
}

/// One field: a member, several of them, or none.
fn member(case: Case, field: &Field) -> BoxedStrategy<Map<String, Json>> {
    let value = of(&field.ty);
    if field.flatten {
        return value
            .prop_map(|value| match value {
                Json::Object(members) => members,
                _ => Map::new(),
            })
            .boxed();
    }
    let name = field.wire(case);
    let may_be_absent = field.default || matches!(field.ty, Ty::Option(_));
    (value, any::<bool>())
        .prop_map(move |(value, absent)| match absent && may_be_absent {
            true => Map::new(),
            false => Map::from_iter([(name.clone(), value)]),
        })
        .boxed()
}

/// What a type takes.
pub fn of(ty: &Ty) -> BoxedStrategy<Json> {
    match ty {
        Ty::Leaf(name) => leaf(name),
        Ty::Option(inner) => prop_oneof![Just(Json::Null), of(inner)].boxed(),
        Ty::Vec(inner) => vec(of(inner), 0..3).prop_map(Json::Array).boxed(),
        Ty::Boxed(inner) | Ty::New(_, inner, _) => of(inner),
        Ty::Map(inner) => map("[a-zé~/ ]{0,3}".boxed(), inner),
        Ty::Numbered(inner) => map(
            any::<u32>().prop_map(|number| number.to_string()).boxed(),
            inner,
        ),
        Ty::Array(inner, count) => vec(of(inner), *count).prop_map(Json::Array).boxed(),
        Ty::Tuple(types) => list(types),
        Ty::Struct(_, case, fields) => object(*case, fields),
        Ty::Enum(_, tagging, case, variants) => {
            Union::new(variants.iter().map(|one| variant(*tagging, *case, one))).boxed()
        }
    }
}

fn map(keys: BoxedStrategy<String>, inner: &Ty) -> BoxedStrategy<Json> {
    btree_map(keys, of(inner), 0..3)
        .prop_map(|members| Json::Object(members.into_iter().collect()))
        .boxed()
}

fn list(types: &[Ty]) -> BoxedStrategy<Json> {
    let parts: Vec<BoxedStrategy<Json>> = types.iter().map(of).collect();
    parts.prop_map(Json::Array).boxed()
}

fn variant(tagging: Tagging, case: Case, variant: &Variant) -> BoxedStrategy<Json> {
    let name = case.variant(variant.number);
    let content = match &variant.content {
        Content::Unit => None,
        Content::New(ty) => Some(of(ty)),
        Content::Tuple(types) => Some(list(types)),
        // `rename_all` on an enum is about its variants, not their fields.
        Content::Struct(fields) => Some(object(Case::Same, fields)),
    };
    match (tagging, content) {
        (Tagging::External, None) => Just(json!(name)).boxed(),
        (Tagging::External, Some(content)) => content
            .prop_map(move |content| json!({ name.as_str(): content }))
            .boxed(),
        (Tagging::Internal | Tagging::Adjacent, None) => Just(json!({ "tag": name })).boxed(),
        (Tagging::Internal, Some(content)) => content
            .prop_map(move |mut content| {
                content["tag"] = json!(name);
                content
            })
            .boxed(),
        (Tagging::Adjacent, Some(content)) => content
            .prop_map(move |content| json!({ "tag": name, "content": content }))
            .boxed(),
        (Tagging::Untagged, content) => content.unwrap_or_else(|| Just(Json::Null).boxed()),
    }
}

fn whole<T: Into<Json> + Arbitrary + 'static>() -> BoxedStrategy<Json> {
    any::<T>().prop_map(Into::into).boxed()
}

/// Eighths are exact in both widths of floats.
fn eighths(limit: i32) -> BoxedStrategy<Json> {
    (-limit..limit)
        .prop_map(|number| json!(f64::from(number) / 8.0))
        .boxed()
}

fn leaf(name: &str) -> BoxedStrategy<Json> {
    let seconds = -60_000_000_000_i64..200_000_000_000;
    let day = (0_i32..2_000_000).prop_map(|days| {
        let first = jiff::civil::date(1, 1, 1);
        first.saturating_add(jiff::Span::new().days(days))
    });
    let time = (0_i8..24, 0_i8..60, 0_i8..60).prop_map(|(h, m, s)| jiff::civil::time(h, m, s, 0));
    match name {
        "bool" => whole::<bool>(),
        "i8" => whole::<i8>(),
        "i16" => whole::<i16>(),
        "i32" => whole::<i32>(),
        "i64" => whole::<i64>(),
        "u8" => whole::<u8>(),
        "u16" => whole::<u16>(),
        "u32" => whole::<u32>(),
        "u64" | "usize" => whole::<u64>(),
        "f32" => eighths(10_000),
        "f64" => prop_oneof![eighths(i32::MAX), Just(json!(1e300)), Just(json!(0.1))].boxed(),
        "char" => any::<char>().prop_map(|char| json!(char)).boxed(),
        "String" => prop_oneof![any::<String>(), "[a-c]{0,40}"]
            .prop_map(Json::from)
            .boxed(),
        "larder::Bytes" => vec(any::<u8>(), 0..9)
            .prop_map(|bytes| json!(larder::Bytes::from(bytes)))
            .boxed(),
        "jiff::Timestamp" => (seconds, 0..1_000_000_i32)
            .prop_map(
                |(second, micros)| match jiff::Timestamp::new(second, micros * 1000) {
                    Ok(instant) => json!(instant),
                    Err(_) => json!("1970-01-01T00:00:00Z"),
                },
            )
            .boxed(),
        // chrono writes fractions in threes of digits; whole seconds have one spelling.
        "chrono::DateTime<chrono::Utc>" => seconds
            .prop_map(|second| json!(jiff::Timestamp::from_second(second).unwrap_or_default()))
            .boxed(),
        "jiff::civil::Date" | "chrono::NaiveDate" => day.prop_map(|day| json!(day)).boxed(),
        "jiff::civil::Time" => time.prop_map(|time| json!(time)).boxed(),
        "jiff::civil::DateTime" => (day, time)
            .prop_map(|(day, time)| json!(day.to_datetime(time)))
            .boxed(),
        "uuid::Uuid" => any::<u128>()
            .prop_map(|bits| json!(uuid::Uuid::from_u128(bits)))
            .boxed(),
        "rust_decimal::Decimal" => (any::<i64>(), 0_u32..20)
            .prop_map(|(digits, scale)| {
                json!(rust_decimal::Decimal::new(digits, scale).normalize())
            })
            .boxed(),
        "serde_json::Value" => anything(),
        other => panic!("no values for {other}"),
    }
}

fn anything() -> BoxedStrategy<Json> {
    let small = prop_oneof![
        Just(Json::Null),
        whole::<bool>(),
        whole::<i64>(),
        whole::<u64>(),
        eighths(1000),
        "[a-z]{0,4}".prop_map(Json::from),
    ];
    small
        .prop_recursive(2, 6, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(Json::Array),
                btree_map("[a-z]{1,2}", inner, 0..3)
                    .prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
        .boxed()
}
