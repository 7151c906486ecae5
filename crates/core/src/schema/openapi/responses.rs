//! Answers: the headers, the problem document, and one shared response for each way to fail.

use serde_json::{Map, Value as Json, json};

use super::{SCHEMAS, reference};
use crate::model::{Compiled, Method};

/// The problem document (RFC 9457), as [`Problem`](crate::problem::Problem) writes it.
pub(super) fn problem() -> Json {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "title": "Problem",
        "description": "What went wrong (RFC 9457).",
        "type": "object",
        "properties": {
            "type": text("`about:blank`: the status says it all."),
            "title": text("The status in words."),
            "status": { "type": "integer", "description": "The HTTP status.", "minimum": 400, "maximum": 599 },
            "detail": text("What went wrong, for people."),
            "instance": text("Of a server's fault: the id of the line in its log that tells the cause, as `urn:uuid:`."),
            "message": text("The same as `detail`, under the name that older clients read."),
            "errors": {
                "description": "Every fault that was found.",
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "field": text("The field, empty for the body as a whole."),
                        "pointer": text("A JSON Pointer (RFC 6901) to the faulty place."),
                        "message": text("What is wrong, for people."),
                        "code": text("What is wrong, for programs: `type`, `required`, `unknown`, `minLength` and so on."),
                    },
                    "required": ["field", "pointer", "message", "code"],
                    "additionalProperties": false,
                },
            },
        },
        "required": ["type", "title", "status", "detail", "message", "errors"],
        "additionalProperties": false,
    })
}

/// Each status that is a failure, with what it means in every operation.
const FAILURES: [(u16, &str); 13] = [
    (
        400,
        "The request can't be read: malformed JSON, an unknown query parameter, a value that does not fit one.",
    ),
    (401, "You have to say who you are."),
    (403, "You may not do this."),
    (404, "There is no such record, or none that you may see."),
    (405, "This is not open to clients."),
    (
        406,
        "The answer can't be given in a media type that you accept.",
    ),
    (
        409,
        "Another record has this id or unique value, another writer was first, or a JSON Patch does not fit the record.",
    ),
    (412, "`If-Match` or `If-None-Match` did not hold."),
    (413, "The body is too large."),
    (415, "The body is of a media type that is not understood."),
    (422, "The body breaks the schema. Every fault is listed."),
    (501, "The model or its store can't do what was asked."),
    (503, "The store can't answer now. Try again later."),
];

/// The shared responses of failures.
pub(super) fn problems() -> Json {
    let content = json!({ "application/problem+json": { "schema": { "$ref": format!("{SCHEMAS}Problem") } } });
    let mut all = Map::new();
    for (status, description) in FAILURES {
        let mut response = json!({ "description": description, "content": content.clone() });
        if let (503, Json::Object(map)) = (status, &mut response) {
            map.insert(
                "headers".to_owned(),
                json!({ "Retry-After": header("RetryAfter") }),
            );
        }
        all.insert(status.to_string(), response);
    }
    Json::Object(all)
}

/// The headers that answers carry.
pub(super) fn headers() -> Json {
    json!({
        "ETag": { "schema": { "type": "string" }, "required": true, "description": "The version of the record, for `If-Match` and `If-None-Match`." },
        "Location": { "schema": { "type": "string", "format": "uri-reference" }, "required": true, "description": "Where the new record is." },
        "ContentRange": {
            "schema": { "type": "string" },
            "required": true,
            "description": "Which records these are, and of how many: `items 0-9/57`; `items */57` where there are none here.",
        },
        "RetryAfter": { "schema": { "type": "integer" }, "description": "Seconds after which it is worth trying again." },
    })
}

pub(super) fn header(name: &str) -> Json {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The responses of one operation.
#[derive(Debug, Default)]
pub(super) struct Responses(Map<String, Json>);

impl Responses {
    /// A success without a body.
    pub(super) fn empty(mut self, status: u16, description: &str) -> Self {
        self.0
            .insert(status.to_string(), json!({ "description": description }));
        self
    }

    /// A success with a JSON body and these headers.
    pub(super) fn json(
        mut self,
        status: u16,
        description: &str,
        schema: &Json,
        names: &[(&str, &str)],
    ) -> Self {
        let mut response = json!({ "description": description, "content": { "application/json": { "schema": schema } } });
        if !names.is_empty()
            && let Json::Object(map) = &mut response
        {
            let headers: Map<String, Json> = names
                .iter()
                .map(|(name, component)| ((*name).to_owned(), header(component)))
                .collect();
            map.insert("headers".to_owned(), headers.into());
        }
        self.0.insert(status.to_string(), response);
        self
    }

    /// The response of a write: with the record where the model echoes it. Without it an updated record is 204.
    pub(super) fn echoed(
        self,
        model: &Compiled,
        method: Method,
        status: u16,
        description: &str,
        headers: &[(&str, &str)],
    ) -> Self {
        if model.echoes(method) {
            return self.json(status, description, &reference(model, "output"), headers);
        }
        let status = if status == 200 { 204 } else { status };
        let mut responses = self.empty(status, "Done; the record is not sent.");
        if let Some(Json::Object(response)) = responses.0.get_mut(&status.to_string()) {
            let headers = headers
                .iter()
                .map(|(name, one)| ((*name).to_owned(), header(one)));
            response.insert("headers".to_owned(), Json::Object(headers.collect()));
        }
        responses
    }

    /// A response without a body that carries an entity tag.
    pub(super) fn not_modified(mut self) -> Self {
        let headers = json!({ "ETag": header("ETag") });
        self.0.insert(
            "304".to_owned(),
            json!({ "description": "You have this version already.", "headers": headers }),
        );
        self
    }

    /// These failures.
    pub(super) fn failures(mut self, statuses: impl IntoIterator<Item = u16>) -> Self {
        for status in statuses {
            self.0.insert(
                status.to_string(),
                json!({ "$ref": format!("#/components/responses/{status}") }),
            );
        }
        self
    }

    pub(super) fn into_json(self) -> Json {
        Json::Object(self.0)
    }
}
