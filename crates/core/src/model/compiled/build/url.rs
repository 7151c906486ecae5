//! The URL of a model: its parameters, and the fields that are its parents.

use crate::error::{Error, Result};
use crate::model::ModelDef;
use crate::model::compiled::{Field, Parent};
use crate::schema::views;

pub(super) fn parents(
    def: &ModelDef,
    fields: &[Field],
    schemas: &views::Sources,
) -> Result<Vec<Parent>> {
    let mut parents = Vec::new();
    for parameter in def.url.as_deref().into_iter().flat_map(parameters) {
        let field = fields.iter().position(|field| field.def.parent.as_deref() == Some(parameter)).ok_or_else(|| {
            Error::setup(format!("the URL has `{{{parameter}}}`, but no field is the parent `{parameter}`: add `{parameter}: ModelParent<..>`"))
        })?;
        let model = schemas.link(&fields[field].def).map(|(model, _)| model);
        parents.push(Parent {
            parameter: parameter.into(),
            field,
            model,
            parts: Box::default(),
        });
    }
    Ok(parents)
}

/// The names in `{..}` of a URL.
pub(crate) fn parameters(url: &str) -> impl Iterator<Item = &str> {
    url.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}
