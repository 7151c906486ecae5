//! Calls by the name of a model, with JSON in place of a struct.

use larder_query::{Filter, Op, Query, Value};
use serde_json::Value as Json;

use super::made;
use super::{Document, RecordUpdate, Session, unexpected};
use crate::call::{Body, ListQuery, Precondition, Reply, Want};
use crate::codec::{Draft, accept, unknown};
use crate::error::{Error, FieldError, Result};
use crate::key::Key;
use crate::model::{Compiled, Kind, sort_keys};
use crate::places::Places;
use crate::rule::{field_named, filter_of_text, open_to};

/// The records of one model, by its name. Made by [`Session::model`].
///
/// It does what the typed calls do: rules apply, code on the server may set the fields that a client may not, and everything is
/// validated by the model's schema. By server-only fields only `as_system` can filter and sort. Ids are a [`Key`], or the text of one.
///
/// ```
/// use larder_core::{Result, Session};
/// use serde_json::json;
/// # async fn example(session: Session) -> Result<()> {
/// let tickets = session.model("Ticket");
/// tickets.create(&json!({"id": "t1", "title": "Lamp"})).await?;
/// tickets.change("t1", &json!({"state": "done"})).await?;
/// assert_eq!(tickets.count().await?, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Records {
    pub(super) session: Session,
    model: String,
}

impl Records {
    pub(super) fn new(session: Session, model: &str) -> Self {
        Self {
            session,
            model: model.to_owned(),
        }
    }

    /// The record with this id. Absent, or not to be seen: an error for which `is_not_found()` holds.
    pub async fn get(&self, id: impl Into<Key>) -> Result<Document> {
        let (at, model) = self.compiled()?;
        let key = key(model, id.into()).ok_or_else(Error::not_found)?;
        match self.session.run_at(at, Want::Get(key)).await? {
            Reply::Record(row) => Document::new(self.session.clone(), at, row),
            other => Err(unexpected(&other)),
        }
    }

    /// The record with this id, if there is one to be seen.
    pub async fn find(&self, id: impl Into<Key>) -> Result<Option<Document>> {
        match self.get(id).await {
            Ok(document) => Ok(Some(document)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins a query.
    pub fn query(&self) -> RecordQuery {
        RecordQuery {
            records: self.clone(),
            tests: Vec::new(),
            made: Vec::new(),
            sort: String::new(),
            skip: 0,
            limit: None,
        }
    }

    /// How many records the actor may see.
    pub async fn count(&self) -> Result<u64> {
        self.query().count().await
    }

    /// Adds a record. Its id is a new one unless it is given; what is left out gets its default.
    ///
    /// # Errors
    /// `Invalid` with every fault; `Duplicate` for a taken id or unique value; what the rules refuse.
    pub async fn create(&self, fields: &Json) -> Result<Document> {
        let (at, model) = self.compiled()?;
        let draft = draft(model, fields, false)?;
        self.written(at, Want::Create(Body::Trusted(draft))).await
    }

    /// Stores a record under the id among its fields: adds it, or replaces the one that is there whatever its version. What is
    /// left out gets its default, and keeps its value where a client may not write it. To replace what was read, and only that,
    /// use [`Document::save`].
    ///
    /// # Errors
    /// As [`create`](Self::create), and `Invalid` where there is no id.
    pub async fn save(&self, fields: &Json) -> Result<Document> {
        self.put(fields, Precondition::none()).await
    }

    /// Changes some fields of a record by a merge patch (RFC 7396): objects merge, null removes, all else stays.
    ///
    /// # Errors
    /// As [`create`](Self::create), and `NotFound`.
    pub async fn change(&self, id: impl Into<Key>, fields: &Json) -> Result<Document> {
        let (at, model) = self.compiled()?;
        let key = key(model, id.into()).ok_or_else(Error::not_found)?;
        let body = Body::Trusted(draft(model, fields, true)?);
        let want = Want::Patch(key, body, Precondition::none());
        self.written(at, want).await
    }

    /// Begins a change of the record with this id by what is in its fields: sums, lists, and values under a condition. Of any number
    /// of them at the same time none is lost.
    ///
    /// ```
    /// # use larder_core::{Result, Session};
    /// # async fn example(session: Session) -> Result<()> {
    /// session.model("Post").update("hello").add("likes", 1).push("tags", "rust").when("open=true").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: impl Into<Key>) -> RecordUpdate {
        RecordUpdate::new(self.clone(), id.into())
    }

    /// Deletes the record with this id.
    pub async fn delete(&self, id: impl Into<Key>) -> Result<()> {
        self.delete_at(id.into(), Precondition::none()).await
    }

    pub(super) async fn put(&self, fields: &Json, precondition: Precondition) -> Result<Document> {
        let (at, model) = self.compiled()?;
        let draft = draft(model, fields, false)?;
        let id = |place: &usize| draft.values[*place].clone().filter(|id| !id.is_null());
        let places = model.key.places().iter();
        let missing = places.clone().filter(|place| id(place).is_none());
        let missing: Vec<FieldError> = missing
            .map(|place| FieldError {
                field: model.fields[*place].name().to_owned(),
                pointer: model.fields[*place].pointer(),
                message: "is required: it says which record to store".to_owned(),
                code: "required",
            })
            .collect();
        if !missing.is_empty() {
            return Err(Error::invalid(missing));
        }
        let key = Key::of_parts(places.filter_map(id));
        let want = Want::Replace(key, Body::Trusted(draft), precondition);
        self.written(at, want).await
    }

    pub(super) async fn delete_at(&self, id: Key, precondition: Precondition) -> Result<()> {
        let (at, model) = self.compiled()?;
        let key = key(model, id).ok_or_else(Error::not_found)?;
        let want = Want::Delete(key, precondition);
        self.session.run_at(at, want).await.map(drop)
    }

    async fn written(&self, at: usize, want: Want) -> Result<Document> {
        match self.session.run_at(at, want).await? {
            Reply::Created(row) | Reply::Updated(row) => {
                Document::new(self.session.clone(), at, row)
            }
            other => Err(unexpected(&other)),
        }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn compiled(&self) -> Result<(usize, &Compiled)> {
        let app = &self.session.app;
        let name = &self.model;
        let at = app.position(name).ok_or_else(|| {
            let near = larder_query::nearest(name, app.models().map(|model| model.name()));
            Error::setup(match near {
                Some(near) => {
                    format!("the app does not have the model {name}; did you mean `{near}`?")
                }
                None => format!("the app does not have the model {name}"),
            })
        })?;
        Ok((at, app.model(at)?))
    }
}

/// A query by the name of a model: filter, then sort, then page.
///
/// ```
/// use larder_core::{Document, Op, Result, Session};
/// # async fn example(session: Session, typed_by_somebody: &str) -> Result<Vec<Document>> {
/// let open = session.model("Ticket").query().filter("state=open&author=$actor.id");
/// open.test("title", Op::Contains, typed_by_somebody).sort("-_created").limit(10).all().await
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a query does nothing until `all`, `first`, `page` or `count` runs it"]
pub struct RecordQuery {
    records: Records,
    tests: Vec<Test>,
    /// The last one has the order and the page.
    made: Vec<Query>,
    sort: String,
    skip: u64,
    limit: Option<u64>,
}

#[derive(Clone, Debug)]
enum Test {
    Text(String),
    Field(String, Op, Json),
}

impl RecordQuery {
    /// Only records that match a text in the language of rules, such as `status=open&author=$actor.id`; several filters must all
    /// match. Never put what somebody else wrote into the text: that is what [`test`](Self::test) is for.
    pub fn filter(mut self, text: &str) -> Self {
        self.tests.push(Test::Text(text.to_owned()));
        self
    }

    /// Only records one of whose fields compares with a value like this.
    pub fn test(mut self, field: &str, op: Op, value: impl Into<Json>) -> Self {
        let test = Test::Field(field.to_owned(), op, value.into());
        self.tests.push(test);
        self
    }

    /// Only records that a query finds which was made elsewhere: by the untyped builder, or read from RQL or Kinvey's JSON. Its names
    /// may lead into fields and through links, as those of a client. Where it has an order, a limit or a number of records to pass over,
    /// they replace those before.
    ///
    /// ```
    /// use larder_core::{Document, Result, Session};
    /// use larder_query::QueryBuilder;
    /// # async fn example(session: Session) -> Result<Vec<Document>> {
    /// let young_or_doe = QueryBuilder::new().less_than("age", 30).or().equal_to("last_name", "Doe");
    /// let query = young_or_doe.ascending("last_name").limit(5).build().map_err(larder_core::Error::internal)?;
    /// session.model("Person").query().matching(query).all().await
    /// # }
    /// ```
    ///
    /// # Errors
    /// When it runs: one that asks for something else than whole records (chosen fields, groups, a sum).
    pub fn matching(mut self, query: Query) -> Self {
        if !query.sort.is_empty() || query.near.is_some() {
            self.sort.clear();
        }
        self.limit = query.page.limit.or(self.limit);
        if query.page.skip > 0 {
            self.skip = query.page.skip;
        }
        self.made.push(query);
        self
    }

    /// The order, as in a URL: `-_created,+title`. It replaces the one before.
    pub fn sort(mut self, keys: &str) -> Self {
        keys.clone_into(&mut self.sort);
        self
    }

    /// Passes over this many records.
    pub fn skip(mut self, records: u64) -> Self {
        self.skip = records;
        self
    }

    /// Returns this many records at the most. Without it `all` means all: code on the server is not capped.
    pub fn limit(mut self, records: u64) -> Self {
        self.limit = Some(records);
        self
    }

    /// All matching records.
    pub async fn all(self) -> Result<Vec<Document>> {
        Ok(self.run(false).await?.0)
    }

    /// The first matching record.
    pub async fn first(self) -> Result<Option<Document>> {
        Ok(self.limit(1).run(false).await?.0.into_iter().next())
    }

    /// The records, and how many match in all.
    pub async fn page(self) -> Result<(Vec<Document>, u64)> {
        let (documents, total) = self.run(true).await?;
        let total = total.unwrap_or(documents.len() as u64);
        Ok((documents, total))
    }

    /// How many records match.
    pub async fn count(self) -> Result<u64> {
        Ok(self.limit(0).run(true).await?.1.unwrap_or_default())
    }

    async fn run(self, total: bool) -> Result<(Vec<Document>, Option<u64>)> {
        let (at, model) = self.records.compiled()?;
        let session = &self.records.session;
        let filters = self.tests.iter().map(|test| match test {
            Test::Text(text) => filter_of_text(text, &session.actor, model),
            Test::Field(name, op, value) => {
                open_to(&session.actor, &model.fields, name)?;
                compare(model, name, *op, value)
            }
        });
        let mut filters = filters.collect::<Result<Vec<_>>>()?;
        let places = Places::new(&session.app, at, Vec::new())?;
        let made = made::bind(&self.made, &places, &session.actor)?;
        filters.extend(made.filters);
        let sort = sort_keys(&self.sort, &model.fields)?;
        for key in &sort {
            open_to(
                &session.actor,
                &model.fields,
                model.fields[key.field].name(),
            )?;
        }
        let (sort, near) = match sort.is_empty() {
            true => (made.sort, made.near),
            false => (sort, None),
        };
        let query = ListQuery {
            filter: Filter::and(filters),
            sort,
            near,
            skip: self.skip,
            limit: self.limit,
            total,
            joins: places.into_joins(),
            ..ListQuery::default()
        };
        let Reply::Page { rows, total, .. } =
            session.run_at(at, Want::List(Box::new(query))).await?
        else {
            return Err(Error::internal("a list was answered with something else"));
        };
        let documents = rows
            .into_iter()
            .map(|row| Document::new(session.clone(), at, row));
        Ok((documents.collect::<Result<_>>()?, total))
    }
}

pub(super) fn compare(model: &Compiled, name: &str, op: Op, value: &Json) -> Result<Filter> {
    let at = field_named(&model.fields, name).map_err(Error::setup)?;
    let kind = model.fields[at].kind();
    let coerce = |value: &Json| {
        let value = larder_query::to_value(value).map_err(Error::internal)?;
        if kind == Kind::Json {
            return Ok(value);
        }
        kind.coerce(value).map_err(|(_, expected)| {
            Error::setup(format!(
                "`{name}` is compared with something that is not {expected}"
            ))
        })
    };
    Ok(match (op, value) {
        (Op::In, Json::Array(items)) => {
            let items = items.iter().map(coerce).collect::<Result<Vec<_>>>()?;
            Filter::one_of(at, items)
        }
        (Op::In, _) => {
            return Err(Error::setup(format!(
                "`{name}` is looked for in something that is no list"
            )));
        }
        (op, value) => Filter::test(at, op, coerce(value)?),
    })
}

/// A key as the model's kind; a text is read as it would be in a URL. None if no record can have it.
pub(super) fn key(model: &Compiled, key: Key) -> Option<Key> {
    if let Value::Text(text) = key.value() {
        return model.parse_key(text);
    }
    let Some(place) = model.key.one() else {
        return model.own_key(key);
    };
    let kind = model.fields[place].kind();
    kind.coerce(key.into_value()).ok().map(Key::from)
}

/// The fields of a JSON object, each brought to its kind and checked. Fails with every fault, names that are no field's
/// among them; `_created` and `_updated` are passed over, so that what was read can be handed back.
fn draft(model: &Compiled, fields: &Json, patch: bool) -> Result<Draft> {
    let mut draft = Draft::empty(model.fields.len());
    let Json::Object(members) = fields else {
        draft.fault("", String::new(), "must be a JSON object", "type");
        return Err(Error::invalid(draft.faults));
    };
    for (name, value) in members {
        match model.find_field(name, 0) {
            Some(at) if !model.fields[at].in_struct => {}
            Some(at) => {
                let value = larder_query::to_value(value).map_err(Error::internal)?;
                accept(model, at, value, patch, &mut draft);
            }
            // What was read comes back with its computed fields.
            None if model.is_computed(name) => {}
            None => unknown(model, name, &mut draft),
        }
    }
    draft.finish()?;
    Ok(draft)
}
