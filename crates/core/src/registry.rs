//! Which models an app has: named one by one, or all of a crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::{Model, ModelDef};

/// One derived model, as the derive registers it.
#[derive(Clone, Copy)]
pub struct Registration {
    name: &'static str,
    package: &'static str,
    describe: fn() -> ModelDef,
}

inventory::collect!(Registration);

impl Registration {
    /// The registration of a model that a package declares.
    pub const fn of<M: Model>(package: &'static str) -> Self {
        Self::new(M::NAME, package, M::describe)
    }

    /// As [`of`](Self::of), of a model that is described by hand.
    pub const fn new(
        name: &'static str,
        package: &'static str,
        describe: fn() -> ModelDef,
    ) -> Self {
        Self {
            name,
            package,
            describe,
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.package, self.name)
    }
}

/// The models of an app. Made by `models![Post, Blog]` or `models!(crate::*)`.
///
/// ```
/// use larder_core::{App, Model, ModelSet};
/// # fn example<Post: Model, Blog: Model>() {
/// let set = ModelSet::new().with::<Post>().with::<Blog>(); // what `models![Post, Blog]` does
/// let app = App::builder().models(set);
/// # let _ = app;
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ModelSet {
    defs: Vec<ModelDef>,
    /// Packages that were asked for by name and have no models.
    empty: Vec<String>,
    /// Names of models whose changes are told.
    told: BTreeSet<String>,
}

impl ModelSet {
    /// No models yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the model of a struct.
    #[must_use]
    pub fn with<M: Model>(self) -> Self {
        self.with_def(M::describe())
    }

    /// Adds a model that is described by hand.
    #[must_use]
    pub fn with_def(mut self, def: ModelDef) -> Self {
        self.defs.push(def);
        self
    }

    /// Adds every derived model of a package, by its name in `Cargo.toml` or in code. A crate that no code names is not
    /// linked and has no models here: the macro `models!(name::*)` names it.
    #[must_use]
    pub fn with_package(mut self, package: &str) -> Self {
        let package = package.replace('-', "_");
        // The order of registrations is unspecified; nobody may see it.
        let found: BTreeMap<&str, &Registration> = inventory::iter::<Registration>
            .into_iter()
            .filter(|registration| registration.package.replace('-', "_") == package)
            .map(|registration| (registration.name, registration))
            .collect();
        if found.is_empty() {
            self.empty.push(package);
        }
        self.defs
            .extend(found.values().map(|registration| (registration.describe)()));
        self
    }

    /// Adds all models of another set.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.defs.extend(other.defs);
        self.empty.extend(other.empty);
        self.told.extend(other.told);
        self
    }

    /// Lets the changes of the model with this name be told.
    #[must_use]
    pub(crate) fn with_changes_of(mut self, name: &str) -> Self {
        self.told.insert(name.to_owned());
        self
    }

    /// What is wrong with the set as a whole: a package that was named for its models, and has none.
    pub(crate) fn faults(&self) -> Vec<String> {
        let packages: BTreeSet<String> = inventory::iter::<Registration>
            .into_iter()
            .map(|registration| registration.package.replace('-', "_"))
            .collect();
        let known = packages.into_iter().collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() {
            "no package of this program does".to_owned()
        } else {
            format!("packages that do: {known}")
        };
        let absent = |name: &&String| !self.defs.iter().any(|def| *def.name == ***name);
        let untold = self.told.iter().filter(absent).map(|name| {
            let advice = how_to_add(name, self.defs.iter().map(|def| &*def.name));
            format!("the changes of {name} are to be told, and the app does not have it: {advice}")
        });
        let empty = self.empty.iter();
        let empty = empty
            .map(|package| {
                format!(
                    "`models!({package}::*)` found nothing: no package `{package}` registers a model ({known}). Write the name of the \
                     package, even if its dependency has another one; in a static library the linker may leave registrations \
                     out: name the models there, as in `models![{package}::Post]`"
                )
            });
        empty.chain(untold).collect()
    }

    pub(crate) fn into_defs(self) -> Vec<ModelDef> {
        let told = &self.told;
        let defs = self.defs.into_iter();
        defs.map(|def| match told.contains(&*def.name) {
            true => def.changes(),
            false => def,
        })
        .collect()
    }
}

/// What to do about a model that the app does not have: a name that is nearly one that it has is perhaps that, and a struct and a
/// description are added each in its way.
pub(crate) fn how_to_add<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let is_derived = inventory::iter::<Registration>
        .into_iter()
        .any(|registration| registration.name == name);
    let near = larder_query::nearest(name, known);
    let near = near.map_or_else(String::new, |near| format!(", or did you mean `{near}`?"));
    if is_derived {
        format!("add `{name}` to `models![..]`{near}")
    } else {
        format!("add `{name}` to `models![..]`, or by `.model(..)` if it has no struct{near}")
    }
}

/// Proof that a type is a model. A path such as `<T as Model>::NAME` would, of a struct without `Serialize`, tell of that once more.
pub const fn is_model<M: Model>() {}

/// Whether a model can have a field of this name, as far as the compiler can see; for checks at compile time.
pub const fn may_have_field<M: Model>(name: &str) -> bool {
    M::HAS_FLATTENED || has_field(M::FIELDS, name)
}

/// Whether a list of field names holds a name; for checks at compile time.
pub const fn has_field(fields: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < fields.len() {
        if same(fields[at].as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
