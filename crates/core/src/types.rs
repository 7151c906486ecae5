//! The field types that larder brings: ids, links, secrets, bytes.

mod bytes;
mod id;
mod key_part;
mod keyed;
mod link;
mod links;
mod links_array;
mod links_map;
mod made_of;
mod mapped;
mod object_id;
mod related;
mod secret;

pub use bytes::Bytes;
pub use id::{Id, IdType};
pub use key_part::KeyPart;
pub use keyed::Keyed;
pub use link::{ModelLink, ModelParent};
pub use links::ModelLinksSimpleArray;
pub use links_array::ModelLinksArray;
pub use links_map::ModelLinksMap;
pub use made_of::MadeOf;
pub use mapped::{MappedCopy, ModelMapped, ModelsMapped};
pub(crate) use object_id::{EXPECTED, FORMAT, is_one as is_object_id, new_text as new_object_id};
pub use object_id::{NoObjectId, ObjectId};
pub use related::ModelRelated;
pub(crate) use secret::reveal;
pub use secret::{IsSecret, Secret};
