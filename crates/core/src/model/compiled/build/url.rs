//! The URL of a model: its form, its parameters, and the fields that are its parents.

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

/// As the derive checks it, for models that are described by hand: a router panics at what it can't read.
pub(super) fn check(url: &str) -> Result<()> {
    let fault = |what: &str| Err(Error::setup(format!("its URL `{url}` {what}")));
    let Some(path) = url.strip_prefix('/') else {
        return fault("must begin with `/`");
    };
    for segment in path.split('/') {
        let parameter = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        if segment.is_empty() {
            return fault("must have a name between two `/`, and none at its end");
        }
        if !is_segment(parameter.unwrap_or(segment)) {
            return fault(&format!(
                "has the part `{segment}`: write a name of letters, digits, `-`, `_`, `.` and `~`, or one parameter `{{name}}`"
            ));
        }
    }
    if path.ends_with('}') {
        return fault(
            "must end with the name of the collection; the record's own id comes after it by itself",
        );
    }
    Ok(())
}

pub(super) fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_.~".contains(letter))
}

/// The names in `{..}` of a URL.
pub(crate) fn parameters(url: &str) -> impl Iterator<Item = &str> {
    url.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}
