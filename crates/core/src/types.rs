//! The field types that larder brings: ids, links, secrets, bytes.

mod bytes;
mod id;
mod link;
mod secret;

pub use bytes::Bytes;
pub use id::{Id, IdType};
pub use link::{ModelLink, ModelParent};
pub(crate) use secret::reveal;
pub use secret::{IsSecret, Secret};
