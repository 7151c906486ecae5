//! Groups of records, where MongoDB can compute them exactly.
//!
//! A sum of whole numbers is taken as two, of the parts above and below 2^32, since MongoDB's own goes on as a float beyond 64
//! bits. Sums of floats and decimals, and all of JSON and bytes, are left to the memory.

use larder_core::store::Sum;
use larder_core::{Aggregate, Grouping, Kind, Page};
use larder_query::{Filter, Value};
use mongodb::bson::raw::{RawBsonRef, RawDocument};
use mongodb::bson::{Bson, Document, doc};

use crate::ask::Ask;
use crate::decode;
use crate::filter::sorts;
use crate::run::{self, Command, Reader, Stop};

/// The unit of the upper sum.
const UNIT: i64 = 1 << 32;

/// Whether MongoDB can compute the groups of a read.
pub(crate) fn is_whole(ask: &Ask<'_>, grouping: &Grouping) -> bool {
    let known = |field: usize| ask.type_of(field).is_some_and(|of| sorts(of.kind));
    let computed = |result: &Aggregate| match *result {
        Aggregate::Count => true,
        Aggregate::Min(field) | Aggregate::Max(field) => known(field),
        Aggregate::Sum(field) | Aggregate::Mean(field) => {
            ask.type_of(field) == Some(Kind::Int.into())
        }
    };
    matches!(ask.rest, Filter::True)
        && grouping.by.iter().all(|field| known(*field))
        && grouping.results.iter().all(computed)
}

/// The groups of a read, sorted and paged in memory.
pub(crate) async fn page(
    collection: &run::Raw,
    ask: &Ask<'_>,
    grouping: &Grouping,
    reader: &mut Reader<'_>,
) -> Result<Page, Stop> {
    let mut stages = ask.stages(false);
    stages.push(doc! { "$group": stage(ask, grouping) });
    let mut groups = Vec::new();
    let mut visit = |document: &RawDocument| {
        groups.push(group(ask, grouping, document)?);
        Ok(true)
    };
    run::each(
        collection,
        Command::Aggregate(stages, None),
        reader,
        &mut visit,
    )
    .await?;
    if groups.is_empty() && grouping.by.is_empty() {
        // One group of all records, even if there are none.
        let nothing = grouping.results.iter().map(|result| match result {
            Aggregate::Count => Value::from(0),
            _ => Value::Null,
        });
        groups.push(nothing.collect());
    }
    Ok(Page::of_groups(groups, ask.select))
}

fn stage(ask: &Ask<'_>, grouping: &Grouping) -> Document {
    let path = |field: usize| format!("${}", ask.source.path(field).unwrap_or_default());
    let mut id = Document::new();
    for (place, field) in grouping.by.iter().enumerate() {
        // Missing is another value than null here.
        id.insert(
            format!("b{place}"),
            doc! { "$ifNull": [path(*field), Bson::Null] },
        );
    }
    let mut stage = doc! { "_id": id };
    for (place, result) in grouping.results.iter().enumerate() {
        let mut add = |part: &str, value: Document| {
            stage.insert(format!("{part}{place}"), value);
        };
        match *result {
            Aggregate::Count => add("n", doc! { "$sum": 1_i64 }),
            Aggregate::Min(field) => add("v", doc! { "$min": path(field) }),
            Aggregate::Max(field) => add("v", doc! { "$max": path(field) }),
            Aggregate::Sum(field) | Aggregate::Mean(field) => {
                // Other programs write whole numbers as floats, too.
                let number = doc! { "$toLong": path(field) };
                let low = doc! { "$mod": [&number, UNIT] };
                let high = doc! { "$divide": [{ "$subtract": [&number, &low] }, UNIT] };
                let is_one = doc! { "$cond": [{ "$isNumber": &number }, 1_i64, 0_i64] };
                add("n", doc! { "$sum": is_one });
                add("l", doc! { "$sum": low });
                // The quotient is a whole float of at most 31 bits, so nothing is lost on the way.
                add("h", doc! { "$sum": { "$toLong": high } });
            }
        }
    }
    stage
}

fn group(
    ask: &Ask<'_>,
    grouping: &Grouping,
    document: &RawDocument,
) -> larder_core::Result<Vec<Value>> {
    let wrong = || larder_core::Error::internal("MongoDB gave a group that is none");
    let Ok(Some(RawBsonRef::Document(shared))) = document.get("_id") else {
        return Err(wrong());
    };
    let value = |from: &RawDocument, name: &str, field: usize| {
        let of = ask.type_of(field).unwrap_or(Kind::Json.into());
        let found = from.get(name).ok().flatten().unwrap_or(RawBsonRef::Null);
        decode::value(of, found).ok_or_else(wrong)
    };
    let number = |name: String| match document.get(name) {
        Ok(Some(RawBsonRef::Int64(number))) => Ok(number),
        Ok(Some(RawBsonRef::Int32(number))) => Ok(i64::from(number)),
        _ => Err(wrong()),
    };
    let mut values = Vec::with_capacity(grouping.by.len() + grouping.results.len());
    for (place, field) in grouping.by.iter().enumerate() {
        values.push(value(shared, &format!("b{place}"), *field)?);
    }
    for (place, result) in grouping.results.iter().enumerate() {
        values.push(match *result {
            Aggregate::Count => Value::from(number(format!("n{place}"))?),
            Aggregate::Min(field) | Aggregate::Max(field) => {
                value(document, &format!("v{place}"), field)?
            }
            Aggregate::Sum(_) | Aggregate::Mean(_) => {
                let high = i128::from(number(format!("h{place}"))?);
                let low = i128::from(number(format!("l{place}"))?);
                let count = u64::try_from(number(format!("n{place}"))?).unwrap_or_default();
                let mut sum = Sum::default();
                sum.add_whole(high * i128::from(UNIT) + low, count);
                match result {
                    Aggregate::Mean(_) => sum.mean(),
                    _ => sum.total(),
                }
            }
        });
    }
    Ok(values)
}
