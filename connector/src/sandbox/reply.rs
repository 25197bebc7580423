//! What the sandbox replies: the envelope, built at the places that the spec names, and how it can fail to arrive.

use serde_json::{Map, Value};

use crate::api::ApiSpec;

/// An answer as the API would give it: always in its envelope.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) status: u16,
    pub(super) body: Value,
    /// Whole seconds.
    pub(super) retry_after: Option<u64>,
}

impl Envelope {
    /// The envelope of a success, with a value at each of these places.
    pub(super) fn success<const N: usize>(
        api: &ApiSpec,
        message: &str,
        parts: [(&[&str], Value); N],
    ) -> Self {
        let mut envelope = Map::new();
        for (place, value) in parts {
            put(&mut envelope, place, value);
        }
        let status = api.answers.success.first().copied().unwrap_or(200);
        Self::new(api, envelope, status, message)
    }

    fn new(api: &ApiSpec, mut envelope: Map<String, Value>, status: u16, message: &str) -> Self {
        put(&mut envelope, api.answers.message, message.into());
        put(&mut envelope, api.answers.status, status.into());
        Self { status, body: Value::Object(envelope), retry_after: None }
    }
}

/// Why a request is turned down.
#[derive(Debug)]
pub(super) struct ErrorReply {
    status: u16,
    message: String,
    retry_after: Option<u64>,
}

impl ErrorReply {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after: None }
    }

    pub(super) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The envelope of an error.
    pub(super) fn into_envelope(self, api: &ApiSpec) -> Envelope {
        Envelope {
            retry_after: self.retry_after,
            ..Envelope::new(api, Map::new(), self.status, &self.message)
        }
    }
}

/// What the client gets of a reply.
#[derive(Debug)]
pub(super) enum Delivery {
    /// All of it.
    Whole(Envelope),
    /// Half of the body, then the end of the connection.
    Half(Envelope),
    /// A success whose body is this page.
    Page(&'static str),
    /// The end of the connection.
    Closed,
    /// Nothing, for as long as it waits.
    Silence,
}

/// Puts a value at its place, from the outside in.
fn put(map: &mut Map<String, Value>, place: &[&str], value: Value) {
    match place {
        [] => {}
        [name] => {
            map.insert((*name).to_owned(), value);
        }
        [name, inner @ ..] => {
            let entry = map.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(next) = entry {
                put(next, inner, value);
            }
        }
    }
}
