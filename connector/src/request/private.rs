//! What a request says of a row: no message may repeat it.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::prepare::PreparedRequest;
use crate::text::redact::Private;

impl PreparedRequest {
    /// Adds what the body and the path say, under the names of the API.
    pub(crate) fn add_to(&self, private: &mut Private) {
        let body = self.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
        if let Some(Value::Object(body)) = body {
            body.iter().for_each(|(name, value)| private.add_values(value, name));
        }
        for (part, sent) in self.operation.path.split('/').zip(self.path.split('/')) {
            if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                private.add_value(&percent_decode_str(sent).decode_utf8_lossy(), name);
            }
        }
    }
}
