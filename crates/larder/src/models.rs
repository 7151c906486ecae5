//! `models!`: which models an app has.

/// The models of an app, by name or by crate.
///
/// `models![Post, Blog]` names them. `models!(crate::*)` is every derived model of this crate, `models!(accounts::*)` every
/// one of the crate `accounts`, which it also links: a crate that no code names is not linked and registers nothing. The
/// forms mix: `models!(crate::*, accounts::*, extra::Tag)`.
///
/// ```
/// use larder::prelude::*;
///
/// #[derive(Serialize, Deserialize, JsonSchema, Model)]
/// struct Tag {
///     #[model(id)]
///     id: Id<Tag>,
///     word: String,
/// }
///
/// let set = larder::models![Tag];
/// # let _ = set;
/// ```
#[macro_export]
macro_rules! models {
    ($($items:tt)*) => { $crate::__models!(($crate::ModelSet::new()) $($items)*) };
}

#[doc(hidden)]
#[macro_export]
// `crate` here is the word that the caller writes, not a path of this crate.
#[allow(clippy::crate_in_macro_def)]
macro_rules! __models {
    (($set:expr)) => { $set };
    (($set:expr) crate::* $(, $($rest:tt)*)?) => {
        $crate::__models!(($set.with_package(::core::env!("CARGO_PKG_NAME"))) $($($rest)*)?)
    };
    (($set:expr) $name:ident::* $(, $($rest:tt)*)?) => {
        $crate::__models!(({
            // Names the crate, so that it is linked and its models are there.
            #[allow(unused_imports)]
            use $name as _;
            $set.with_package(::core::stringify!($name))
        }) $($($rest)*)?)
    };
    (($set:expr) $model:ty $(, $($rest:tt)*)?) => {
        $crate::__models!(($set.with::<$model>()) $($($rest)*)?)
    };
}
