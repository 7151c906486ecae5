//! Errors as problem details (RFC 9457): the one place where a status and a body are made of an error.

use serde::Serialize;

use crate::error::{Error, ErrorKind, FieldError};

/// A problem document. `message` and `errors` are for the clients of the systems that larder unites.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// `about:blank`: the status says it all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong, for people.
    pub detail: String,
    /// Of an answer that says little because the fault is the server's: `urn:uuid:` and an id that stands in the log beside the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The same, under the name that older clients read.
    pub message: String,
    /// The faults, one each.
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// The problem of an error. Inner causes stay inside: a server's own fault says only that it is one, and the faults of
    /// server-only fields ([`Error::hidden_fields`]) are in no document.
    pub fn of(error: &Error) -> Self {
        let status = error.kind().status();
        let detail = match error.kind() {
            ErrorKind::Internal | ErrorKind::Setup => {
                "the server failed to answer this request".to_owned()
            }
            _ => error.message().to_owned(),
        };
        Self {
            kind: "about:blank",
            title: title(status),
            status,
            message: detail.clone(),
            detail,
            instance: None,
            errors: error.fields().to_vec(),
        }
    }

    /// With the id of the line in the log that tells the cause.
    #[must_use]
    pub fn logged_as(self, id: uuid::Uuid) -> Self {
        Self {
            instance: Some(id.urn().to_string()),
            ..self
        }
    }

    /// Seconds after which it is worth trying again, where it is.
    pub fn retry_after(&self) -> Option<u32> {
        (self.status == 503).then_some(1)
    }

    /// The document.
    pub fn to_json(&self) -> Vec<u8> {
        // A document of texts and numbers always serialises.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

fn title(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error")
}
