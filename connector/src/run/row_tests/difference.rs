//! Where two lists of lines differ.

use std::collections::BTreeMap;

use serde_json::Value;

use super::lines::Line;

/// A value that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it stands: `create body.amount`, `error of email`, `filtered`.
    pub at: String,
    /// The value that was expected; none where none was.
    pub expected: Option<Value>,
    /// The value that there is; none where there is none.
    pub got: Option<Value>,
}

/// The differences, in the order of what was expected; then what else there is.
pub(super) fn differences(expected: Vec<Line>, got: &[Line]) -> Vec<Difference> {
    let mut there: BTreeMap<&str, &Value> = got.iter().map(|(at, value)| (at.as_str(), value)).collect();
    let mut found = Vec::new();
    for (at, value) in expected {
        let got = there.remove(at.as_str());
        if got != Some(&value) {
            found.push(Difference { at, expected: Some(value), got: got.cloned() });
        }
    }
    let rest = got.iter().filter(|(at, _)| there.contains_key(at.as_str()));
    found.extend(rest.map(|(at, value)| Difference {
        at: at.clone(),
        expected: None,
        got: Some(value.clone()),
    }));
    found
}
