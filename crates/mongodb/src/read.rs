//! Reads: from what is asked to a page.

use std::sync::Arc;

use larder_core::store::{Finish, Groups};
use larder_core::{Grouping, Page, Record, Result, Select, Version};
use larder_query::{Filter, Value};
use mongodb::bson::raw::{RawBsonRef, RawDocument};
use mongodb::bson::{Document, doc};
use mongodb::{ClientSession, Database};

use crate::ask::Ask;
use crate::filter::{self, Condition};
use crate::run::{self, Command, Reader, Stop};
use crate::seen::Seen;
use crate::table::{Table, Tables};
use crate::{decode, errors, group};

/// How often a read is asked again whose snapshot has gone: the server keeps them for minutes, but a new index or collection
/// hides those from before it.
const TRIES: usize = 4;

/// Reads a page in one state of the data, not older than what was seen.
pub(crate) async fn page(
    db: &Database,
    tables: &Tables,
    seen: &Seen,
    select: &Select,
) -> Result<Page> {
    select.check()?;
    let mut left = TRIES;
    loop {
        left -= 1;
        let session = seen.session(db.client()).await;
        let mut session = session.map_err(errors::plain)?;
        let mut reader = Reader {
            session: &mut session,
            in_transaction: false,
        };
        let page = asked(db, tables, select, &mut reader).await;
        if is_one(select) && page.is_ok() {
            seen.note(&session);
        }
        match page {
            Err(Stop::Fault(fault)) if errors::is_stale(&fault) && left > 0 => {}
            other => return other.map_err(Stop::into_error),
        }
    }
}

/// Reads a page inside a transaction.
pub(crate) async fn within(
    db: &Database,
    tables: &Tables,
    select: &Select,
    session: &mut ClientSession,
) -> Result<Page> {
    select.check()?;
    let mut reader = Reader {
        session,
        in_transaction: true,
    };
    let page = asked(db, tables, select, &mut reader).await;
    page.map_err(Stop::into_error)
}

async fn asked(
    db: &Database,
    tables: &Tables,
    select: &Select,
    reader: &mut Reader<'_>,
) -> Result<Page, Stop> {
    if select.limit == Some(0) && !select.total {
        return Ok(Page::default());
    }
    if is_one(select) {
        return one(db, &tables.of(&select.layout), select, reader).await;
    }
    let ask = Ask::new(select, |layout| tables.of(layout));
    let collection = run::collection(db, &ask.collection());
    if let Some(guard) = ask.guard() {
        let found = run::number(&collection, guard, reader).await?;
        if found > select.look_at.unwrap_or(u64::MAX) {
            let error = select.looks_at_too_much_for(ask.undecided());
            return Err(Stop::Error(error));
        }
    }
    if let Some(grouping) = &select.group {
        if group::is_whole(&ask, grouping) {
            return group::page(&collection, &ask, grouping, reader).await;
        }
        return grouped(&collection, &ask, grouping, reader).await;
    }
    if select.limit == Some(0) && ask.is_filtered() {
        let total = run::number(&collection, counting(&ask), reader).await?;
        return Ok(Page {
            total: Some(total),
            ..Page::default()
        });
    }
    if ask.is_whole() {
        return paged(&collection, &ask, reader).await;
    }
    finished(&collection, &ask, reader).await
}

/// Whether a read is for one record alone, by its key.
fn is_one(select: &Select) -> bool {
    select.key.is_some()
        && select.joins.is_empty()
        && select.group.is_none()
        && select.after.is_none()
        && select.skip == 0
        && select.limit != Some(0)
}

/// The record with a key. What MongoDB does not test of it is tested here.
async fn one(
    db: &Database,
    table: &Table,
    select: &Select,
    reader: &mut Reader<'_>,
) -> Result<Page, Stop> {
    let collection = run::collection(db, &table.layout.collection);
    let pushed = filter::push(&select.filter, &filter::own(table));
    let key = select.key.as_ref().and_then(|key| table.key_is(key));
    let key = key.map_or(Condition::False, Condition::Of);
    let filter = Condition::and([key, pushed.test]).into_document();
    tracing::trace!(target: "larder::mongodb", collection = collection.name(), command = "find one");
    // As `find_one`, whose document would be copied before it is read.
    let find = collection.find(filter).limit(-1);
    let mut cursor = find.session(&mut *reader.session).await?;
    let mut page = Page::default();
    if cursor.advance(reader.session).await? {
        let record = decode::record(table, cursor.current()).map_err(Stop::Error)?;
        if pushed.exact || select.filter.matches(&record.values) {
            page.rows.push(Arc::new(record));
        }
    }
    page.total = select.total.then_some(page.rows.len() as u64);
    Ok(page)
}

/// A page that MongoDB filters, sorts and cuts; the total comes behind it, of the same state of the data.
async fn paged(
    collection: &run::Raw,
    ask: &Ask<'_>,
    reader: &mut Reader<'_>,
) -> Result<Page, Stop> {
    let select = ask.select;
    let limit = select.limit.and_then(|limit| i64::try_from(limit).ok());
    let in_transaction = reader.in_transaction;
    // Where nothing is asked of the documents, their number is known without looking. Transactions have no such command.
    let known = select.total
        && select.estimate.is_some()
        && !in_transaction
        && ask.filter(false).is_empty();
    let command = if ask.source.joins.is_empty() && (in_transaction || !select.total || known) {
        Command::Find {
            filter: ask.filter(true),
            sort: ask.sort(),
            skip: select.skip,
            limit,
        }
    } else {
        let mut stages = ask.stages(true);
        stages.push(doc! { "$sort": ask.sort() });
        if select.skip > 0 {
            let skip = i64::try_from(select.skip).unwrap_or(i64::MAX);
            stages.push(doc! { "$skip": skip });
        }
        if let Some(limit) = limit {
            stages.push(doc! { "$limit": limit });
        }
        stages.extend(ask.source.without_joins());
        if select.total && !in_transaction && !known {
            let collection = collection.name();
            stages.push(doc! { "$unionWith": { "coll": collection, "pipeline": counting(ask) } });
        }
        Command::Aggregate(stages, limit)
    };
    let table = &ask.source.table;
    let mut page = Page::default();
    let mut total = None;
    let mut visit = |document: &RawDocument| {
        match run::count(document) {
            Some(count) => total = Some(count),
            None => page.rows.push(Arc::new(decode::record(table, document)?)),
        }
        Ok(true)
    };
    run::each(collection, command, reader, &mut visit).await?;
    if known {
        tracing::trace!(target: "larder::mongodb", collection = collection.name(), command = "estimated count");
        total = Some(collection.estimated_document_count().await?);
    } else if select.total && in_transaction {
        total = Some(run::number(collection, counting(ask), reader).await?);
    }
    // Of nothing there is no count.
    page.total = select.total.then_some(total.unwrap_or_default());
    Ok(page)
}

/// The stages that count what matches: of a rough total no more than is wanted.
fn counting(ask: &Ask<'_>) -> Vec<Document> {
    let mut stages = ask.stages(false);
    if let Some(most) = ask.select.counted_to() {
        let most = i64::try_from(most).unwrap_or(i64::MAX - 1);
        stages.push(doc! { "$limit": most + 1 });
    }
    stages.push(doc! { "$count": "n" });
    stages
}

/// The stages that give what may match, in its order if MongoDB can sort.
fn candidates(ask: &Ask<'_>) -> Vec<Document> {
    let mut stages = ask.stages(false);
    if ask.sorts && ask.select.group.is_none() {
        stages.push(doc! { "$sort": ask.sort() });
    }
    stages
}

/// A page that is finished in memory.
async fn finished(
    collection: &run::Raw,
    ask: &Ask<'_>,
    reader: &mut Reader<'_>,
) -> Result<Page, Stop> {
    let select = ask.select;
    let own = select.layout.fields.len();
    let mut finish = Finish::new(select, &ask.rest, ask.sorts);
    let mut values = Vec::new();
    let mut visit = |document: &RawDocument| {
        let version = fill(ask, document, &mut values)?;
        let record = |values: &[Value]| {
            let own = values.get(..own).unwrap_or(values).to_vec();
            let version = select.layout.version_of(&own, Version(version));
            Arc::new(Record::new(own, version))
        };
        finish.offer(&values, || Ok(record(&values)))
    };
    let command = Command::Aggregate(candidates(ask), None);
    run::each(collection, command, reader, &mut visit).await?;
    Ok(finish.page())
}

/// Groups that are put together in memory.
async fn grouped(
    collection: &run::Raw,
    ask: &Ask<'_>,
    grouping: &Grouping,
    reader: &mut Reader<'_>,
) -> Result<Page, Stop> {
    let mut groups = Groups::new(grouping);
    let mut looked_at = 0;
    let mut values = Vec::new();
    let mut visit = |document: &RawDocument| {
        looked_at += 1;
        if ask.select.look_at.is_some_and(|bound| looked_at > bound) {
            return Err(ask.select.looks_at_too_much_for(ask.undecided()));
        }
        fill(ask, document, &mut values)?;
        if matches!(ask.rest, Filter::True) || ask.rest.matches(&values) {
            groups.add(&|field| values.get(field).unwrap_or(&Value::Null));
        }
        Ok(true)
    };
    let command = Command::Aggregate(candidates(ask), None);
    run::each(collection, command, reader, &mut visit).await?;
    Ok(Page::of_groups(groups.into_groups(), ask.select))
}

/// The values of a document, those of linked ones behind its own; gives the version. What may not be read is null.
fn fill(ask: &Ask<'_>, document: &RawDocument, values: &mut Vec<Value>) -> Result<i64> {
    values.clear();
    values.resize(ask.select.width(), Value::Null);
    let own = ask.select.layout.fields.len();
    let (mine, _) = values.split_at_mut(own);
    let version = decode::fill(&ask.source.table, document, mine)?;
    for join in &ask.source.joins {
        let found = document.get(&join.name);
        let leads = values.get(join.link).is_some_and(|link| !link.is_null());
        let Some(fields) = values.get_mut(join.first..join.first + join.width()) else {
            continue;
        };
        if let (true, Ok(Some(RawBsonRef::Document(linked)))) = (leads, found) {
            decode::fill(&join.table, linked, fields)?;
            if !join.exact && !join.readable.matches(fields) {
                fields.fill(Value::Null);
            }
        }
    }
    Ok(version)
}
