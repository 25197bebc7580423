//! Walks over an object's list, page by page, and compares its records with what rows look for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::api::{AnswerSpec, ListSpec, OperationName};
use crate::clock::Clock;
use crate::http::classify::Verdict;
use crate::http::error::CallError;
use crate::http::response::{Answer, Body, at};
use crate::http::transport::Transport;
use crate::http::wire::{Caller, How};
use crate::ledger::{Digest, Window};
use crate::request::path::encode;
use crate::request::prepare::PreparedRequest;
use crate::sync::feed::plan::MatchDigester;
use crate::sync::shared::context::{Context, count};

/// How often one page is asked for.
const TRIES: u32 = 5;

/// A record of the list that has what a row looks for.
pub(crate) struct Hit {
    /// The system's key.
    pub(crate) key: Option<String>,
    /// When it was created, where the record says so.
    pub(crate) created: Option<i64>,
}

/// Reads all pages, and says whether every record showed what is compared.
pub(crate) async fn read_pages<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    index: &mut Index,
    window: Option<Window>,
) -> Result<bool, String> {
    let operation =
        context.job.object.operation(OperationName::List).ok_or("the API lists no such records")?;
    let lists = &context.job.api.lists;
    let (mut cursor, mut comparable): (Option<String>, bool) = (None, true);
    loop {
        let path = page_path(operation.path, lists, window, cursor.as_deref());
        let answer = read_page(context, &PreparedRequest::read(operation, path)).await?;
        let Body::Json(body) = &answer.body else {
            return Err("a page of the list cannot be read".to_owned());
        };
        let items =
            at(body, lists.items).and_then(Value::as_array).ok_or("a page of the list holds no records")?;
        for item in items {
            comparable &= index.compare(item, &context.matches, &context.job.api.answers);
        }
        if at(body, lists.more).and_then(Value::as_bool) != Some(true) {
            return Ok(comparable);
        }
        let last = items.last().and_then(|item| text_of(item.get(lists.cursor_property)?));
        // A page that says that more follow and does not say after what, or says the same again, would never end.
        if last.is_none() || last == cursor {
            return Err("a page of the list does not say where it goes on".to_owned());
        }
        cursor = last;
    }
}

/// What rows look for: identity values, by their digests.
pub(crate) struct Index {
    identities: Vec<usize>,
    rows: BTreeMap<(usize, Digest), Vec<usize>>,
    hits: Vec<Vec<Hit>>,
}

impl Index {
    /// Of what each row looks for: an identity by its place in the spec, and the digest of its value.
    pub(crate) fn of(rows: impl IntoIterator<Item = (usize, Digest)>) -> Self {
        let mut index = Self { identities: Vec::new(), rows: BTreeMap::new(), hits: Vec::new() };
        for (position, (identity, digest)) in rows.into_iter().enumerate() {
            if !index.identities.contains(&identity) {
                index.identities.push(identity);
            }
            index.rows.entry((identity, digest)).or_default().push(position);
            index.hits.push(Vec::new());
        }
        index
    }

    /// What was found, row by row.
    pub(crate) fn into_hits(self) -> Vec<Vec<Hit>> {
        self.hits
    }

    /// Notes for which rows a record is what they look for; says whether it shows what is compared.
    fn compare(&mut self, record: &Value, matches: &[MatchDigester], answers: &AnswerSpec) -> bool {
        let mut comparable = true;
        for identity in &self.identities {
            let Some(digester) = matches.get(*identity) else { continue };
            let Some(value) = record.get(digester.identity.property) else {
                comparable = false;
                continue;
            };
            let Some(text) = text_of(value) else { continue };
            for position in self.rows.get(&(*identity, digester.value(&text))).into_iter().flatten() {
                if let Some(hits) = self.hits.get_mut(*position) {
                    let key = record.get(answers.key).and_then(text_of);
                    hits.push(Hit { key, created: record.get(answers.created).and_then(Value::as_i64) });
                }
            }
        }
        comparable
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn page_path(path: &str, lists: &ListSpec, window: Option<Window>, cursor: Option<&str>) -> String {
    let mut page = format!("{path}?{}={}", lists.size_parameter, lists.max_size);
    if let Some(Window { from, to }) = window {
        // Writing to a String cannot fail.
        let _ = write!(page, "&{}={from}&{}={to}", lists.created_from, lists.created_to);
    }
    if let Some(cursor) = cursor {
        let _ = write!(page, "&{}={}", lists.cursor_parameter, encode(cursor));
    }
    page
}

/// One page; asked for again where that may help.
async fn read_page<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    request: &PreparedRequest,
) -> Result<Answer, String> {
    match context.wire.call(request, &mut PageCall { context }).await.how {
        How::Applied(answer) => Ok(answer),
        How::NotFound(answer)
        | How::Duplicate(answer)
        | How::Refused(answer)
        | How::Forbidden(answer)
        | How::Denied(answer) => Err(failed(&answer.explained(context.job.api))),
        How::Trouble { message, .. } => Err(failed(&message)),
        How::Stopped => Err("the run was stopped".to_owned()),
    }
}

fn failed(message: &str) -> String {
    format!("the lookup failed: {message}")
}

/// The calls of one page.
struct PageCall<'c, 'a, T, C: Clock> {
    context: &'c Context<'a, T, C>,
}

impl<T: Transport, C: Clock + Copy> Caller for PageCall<'_, '_, T, C> {
    async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        self.context.unless_stopping(future).await
    }

    fn came_back(&mut self, verdict: Verdict, result: &Result<Answer, CallError>) {
        self.context.note(OperationName::List, verdict, result);
        count(&self.context.tally.lookups);
    }

    fn sends_again(&self, verdict: Verdict, calls: u32) -> bool {
        match verdict {
            Verdict::Done => false,
            // Nothing else may be under way that would give the run up.
            Verdict::Throttled { .. } => !self.context.patience_left().is_zero(),
            _ => calls < TRIES,
        }
    }
}
