//! The macros of larder: [`derive(Model)`](macro@Model) and [`macro@model_impl`]. Use them through the `larder` crate.
//!
//! ```text
//! tokens --parse--> what was written --check--> what it means --expand--> tokens
//!           |                            |
//!           +--------- Ctxt -------------+   all mistakes of one item, reported together
//! ```
//!
//! Rules and lists of fields are checked here by the same `larder-query` that reads them when the app runs.

mod ctxt;
mod dummies;
mod keys;
mod mapped;
mod model;
mod model_impl;
mod rule;
mod serde_attrs;
mod symbol;
#[cfg(test)]
mod testing;

use proc_macro::TokenStream;

/// Makes a struct a model: one that larder stores and serves.
///
/// The struct also needs serde's `Serialize` and `Deserialize` and schemars' `JsonSchema`. Their attributes count here too: a
/// field is known by its name in JSON (`#[serde(rename)]`, `rename_all`), has the default of `#[serde(default)]`, and is no
/// part of the model with `#[serde(skip)]`.
///
/// ```ignore
/// /// One entry of a blog.
/// #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
/// #[model(url = "/blogs/{blog}/posts", timestamps)]
/// #[model(rules(read = "status=published|author=$actor.id", create = "true", write = "author=$actor.id"))]
/// #[model(search(title = contains, status = eq), sort(title, _created), page = 20)]
/// pub struct Post {
///     #[model(id)]
///     pub id: Id<Post>,
///     pub blog: ModelParent<Blog>,
///     #[model(owner)]
///     pub author: ModelLink<User>,
///     pub title: String,
///     #[model(read_only)]
///     pub score: f64,
///     #[model(server_only)]
///     pub notes: Secret<String>,
/// }
/// ```
///
/// # On the struct
///
/// | Key | Meaning |
/// | --- | --- |
/// | `name = "Post"` | The model's name; else the struct's. Schema files and the manifest use it. |
/// | `url = "/blogs/{blog}/posts"` | Where it is served; without it there are no routes. Each `{parameter}` is a parent's field. |
/// | `store = "main"` | The store that keeps it; `main` unless said. |
/// | `collection = "posts"` | The table or collection; else made from the name. |
/// | `rules(read = "..", create = "..", update = "..", delete = "..", write = "..")` | Who may do what. What has no rule is denied. `write` stands for those of `create`, `update` and `delete` that are not given. |
/// | `search(title = contains, ..)` | The fields that a list can be filtered by, and the operator that a plain `?title=` runs: `eq`, `ne`, `lt`, `le`, `gt`, `ge`, `in`, `out`, `contains`, `starts_with`, `ends_with`, `eq_ignore_case`, `match`, `mod`, `size`, `within`. Also what is inside a field (`address.city = eq`), and a field of a linked record (`author.name = starts_with`). Fields get an index where it helps; `status = scan(eq)` allows operators that none helps. |
/// | `sort(title, _created)` | The fields that a list can be sorted by; also those of a linked record, `author.name`. |
/// | `default_sort = "-_created,+title"` | The order where a request names none. |
/// | `page = 50` | How many records a page has if the request does not say, and at the most. |
/// | `timestamps` | Keeps `_created` and `_updated`. |
/// | `duplicates_are_invalid` | A taken id or unique value is answered with 422; with 409 otherwise. |
/// | `id(client)` | Lets a client choose the id on POST too. |
/// | `id(database)` | The database gives new records their ids, which are whole numbers. |
/// | `was = "articles"` | What the table was called before: it is renamed at the start. |
/// | `version = "lock_version"`, `version = none` | The table's own column for versions, or that it has none; `_version` unless said. |
/// | `read_only` | Nothing is ever written to the table, nor to its definition. |
/// | `crate = path` | Where larder is, if not at `::larder`. |
/// | `handle(get, list, ..)` | The methods that clients have; all without it. Others are answered with 501. `get`, `list`, `post`, `put` (`put_new` and `put_existing`), `patch`, `delete`. |
/// | `restrict(delete, ..)` | Methods that are withdrawn from clients and answered with 405; code on the server keeps them. |
/// | `echo(delete, post = false)` | Which writes are answered with the record: all but `delete` unless said. |
///
/// A rule is a condition of the query language over the model's own fields, with `$actor.id` and other `$actor.*`. Names in
/// rules and lists are names in JSON; one that is no identifier is written as a text: `sort("first-name")`.
///
/// # On a field
///
/// | Key | Meaning |
/// | --- | --- |
/// | `id` | The record's key: `Id<..>`, `String`, `Uuid` or an integer. Or several fields that are it together, in their order; a `ModelParent<..>` among them stands in its own part of the URL. |
/// | `owner` | Set to the actor on create, never from a body. |
/// | `read_only` | A client reads it and can't write it. A name in JSON that begins with `_` means the same. |
/// | `server_only` | It never leaves the server and has to be a `Secret<..>`. A name that begins with `__` means the same. |
/// | `index` | Kept in an index. |
/// | `unique` | Shared by no two records. |
/// | `via = field` | On a `ModelRelated<T>`: the field of `T` that links here; needed where `T` has several. |
/// | `parent = "blog"` | Taken from this parameter of the URL. A field of type `ModelParent<..>` takes the one of its own name. |
/// | `column = "post_title"` | The name of its column, where that is not its name in JSON. |
/// | `was = "headline"` | What its column was called before: it is renamed at the start. |
///
/// A read-only or server-only field needs a default (`Default`, or `#[serde(default = "path")]`) for records that clients make.
///
/// # What comes out
///
/// An implementation of `larder::Model`, an entry in the registry, and for each field that is not server-only a constant for
/// queries in Rust: `Post::TITLE`.
///
/// # Errors
///
/// All mistakes in one struct are reported together, at compile time: unknown, repeated and conflicting keys; no id, and parts of one that can be none;
/// URL parameters without a parent's field and the other way round; fields that do not exist in rules, `search` and `sort`;
/// server-only fields in `search` and `sort`; rules that can't be parsed. Structs with type parameters, tuple structs, enums
/// and unions are refused.
#[proc_macro_derive(Model, attributes(model))]
pub fn model(input: TokenStream) -> TokenStream {
    model::derive(input.into()).into()
}

/// Makes a struct the copy of some fields of another model, for `ModelsMapped<..>` and `ModelMapped<..>`.
///
/// The struct also needs serde's `Serialize` and `Deserialize` and schemars' `JsonSchema`.
///
/// ```ignore
/// #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Mapped)]
/// #[mapped(Comment, via = post)]
/// pub struct CommentCard {
///     pub author: ModelLink<User>,
///     pub text: String,
/// }
/// ```
///
/// `Comment` is the model whose fields are copied; `via` is its field that links to the record that holds the copies: a
/// `ModelLink`, a `ModelParent` or a collection of links. Each field of the struct is a field of that model, with the same
/// name in Rust and in JSON and the same type. The id of the record is in every copy by itself. `crate = path` says where
/// larder is, if not at `::larder`.
///
/// # Errors
///
/// A field that the model does not have, or has with another type; one that is server-only; a `via` that is no link; a struct
/// without named fields, with type parameters, or without the attribute.
#[proc_macro_derive(Mapped, attributes(mapped))]
pub fn mapped(input: TokenStream) -> TokenStream {
    mapped::derive(input.into()).into()
}

/// Finds the hooks and actions in an impl of a model. A model has at most one impl with this attribute.
///
/// ```ignore
/// #[model_impl]
/// impl Post {
///     #[before(save)]
///     async fn stamp(&mut self, cx: &Ctx) -> Result<()> { .. }
///
///     /// `PUT /blogs/{blog}/posts/{id}/publish`
///     #[action(allow = "author=$actor.id")]
///     async fn publish(&mut self, cx: &Ctx, at: Option<Timestamp>) -> Result<()> { .. }
///
///     /// `GET /blogs/{blog}/posts/newest?limit=`
///     #[action(global, method = GET, allow = "true")]
///     async fn newest(cx: &Ctx, limit: Option<u32>) -> Result<Vec<Entity<Post>>> { .. }
///
///     #[can_act]
///     async fn can_act(&self, action: &str, cx: &Ctx) -> Result<bool> { .. }
/// }
/// ```
///
/// The methods stay as they are, and can be called from Rust like any other. All may be `async` or not, and all may leave out
/// `cx: &Ctx`. `#[model_impl(crate = path)]` says where larder is, if not at `::larder`.
///
/// # `#[before(..)]`, `#[after(..)]`
///
/// Run inside the transaction, before and after the record is written; what fails there undoes everything. In the parentheses:
/// `create`, `update`, `delete`, or `save` for `create` and `update`. The method takes `&self` or `&mut self` and returns
/// `Result<()>`.
///
/// # `#[action]`
///
/// Something that can be done with a record, or with the model as a whole, at a URL of its own. The arguments have names and
/// types; they come from the body, or from the query for `GET`. The result is `Result<T>`, and `()` is "204 No Content". What a
/// method with `&mut self` changed is validated and saved. A doc comment becomes the description.
///
/// | Key | Meaning |
/// | --- | --- |
/// | `global` | It runs on the model, not on a record; the function has no `self`. |
/// | `method = GET` | `GET`, `POST`, `PUT`, `PATCH` or `DELETE`; `PUT` unless said. |
/// | `allow = "rule"` | Who may do it. Without it nobody may. |
/// | `name = "publish"` | The last part of its URL; else the function's name. |
///
/// # `#[computed]`
///
/// A field that is not stored: what `fn full_name(&self) -> String` returns stands in every answer, under the method's name or
/// the one of `#[computed(name = "fullName")]`. What a client sends of it is ignored, and nothing can be searched, sorted or
/// ruled by it. It may look at server-only fields, and what it makes of them is shown to everybody who may read the record.
///
/// # `#[search]`
///
/// A parameter of the list whose condition is code: `fn q(q: &str) -> Filter<Self>` is run for `?q=..`, and what it returns joins the
/// query, under the rules as all of it. It may look at several fields, and at those of linked records.
///
/// ```ignore
/// /// Words of the title, or the beginning of the author's name.
/// #[search]
/// fn q(q: &str) -> Filter<Self> {
///     let words = q.split_whitespace().map(|word| Self::TITLE.contains(word));
///     Filter::all_of(words).or(Self::AUTHOR.field(User::NAME).starts_with(q))
/// }
/// ```
///
/// The argument with the function's name is what a request sends, read as its type: `&str`, `u32`, an enum. The others are
/// `Option`s and stand for other parameters of the same name, which a request may have sent too; one that is none becomes one that
/// only goes with this. `#[search(name = "full-text")]` gives the parameter another name. Fields whose constants stand in the body
/// with a comparison get their indexes, where one helps; and records may be looked at one by one for what the function asks, within
/// the app's `look_at`.
///
/// # `#[can_act]`
///
/// The model's last word on actions: it narrows what the rules allow, it never widens it. The method takes `&self` and the name
/// of the action, and returns `Result<bool>`.
///
/// # Errors
///
/// Impls of traits and impls with type parameters are refused, and so are methods whose signatures do not fit. The impl itself
/// is always there, so a mistake in an attribute brings no errors elsewhere.
#[proc_macro_attribute]
pub fn model_impl(args: TokenStream, item: TokenStream) -> TokenStream {
    model_impl::attribute(args.into(), &item.into()).into()
}

/// Marks an action inside [`macro@model_impl`], where its keys are described. Anywhere else it is an error that says so.
#[proc_macro_attribute]
pub fn action(_: TokenStream, item: TokenStream) -> TokenStream {
    model_impl::alone(symbol::method::ACTION, &item.into()).into()
}

/// Marks a hook inside [`macro@model_impl`], where its events are described. Anywhere else it is an error that says so.
#[proc_macro_attribute]
pub fn before(_: TokenStream, item: TokenStream) -> TokenStream {
    model_impl::alone(symbol::method::BEFORE, &item.into()).into()
}

/// Marks a hook inside [`macro@model_impl`], where its events are described. Anywhere else it is an error that says so.
#[proc_macro_attribute]
pub fn after(_: TokenStream, item: TokenStream) -> TokenStream {
    model_impl::alone(symbol::method::AFTER, &item.into()).into()
}

/// Marks the model's `can_act` inside [`macro@model_impl`]. Anywhere else it is an error that says so.
#[proc_macro_attribute]
pub fn can_act(_: TokenStream, item: TokenStream) -> TokenStream {
    model_impl::alone(symbol::method::CAN_ACT, &item.into()).into()
}

/// Marks a computed field inside [`macro@model_impl`], where it is described. Anywhere else it is an error that says so.
#[proc_macro_attribute]
pub fn computed(_: TokenStream, item: TokenStream) -> TokenStream {
    model_impl::alone(symbol::method::COMPUTED, &item.into()).into()
}

/// Marks a search inside [`macro@model_impl`], where it is described. Anywhere else it is an error that says so.
#[proc_macro_attribute]
pub fn search(_: TokenStream, item: TokenStream) -> TokenStream {
    model_impl::alone(symbol::method::SEARCH, &item.into()).into()
}
