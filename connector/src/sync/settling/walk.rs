//! Walks over an object's list, page by page, and compares its records with what rows look for.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::api::{ListSpec, Operation, OperationName};
use crate::clock::Clock;
use crate::http::answer::classify::Verdict;
use crate::http::answer::error::CallError;
use crate::http::answer::response::{Answer, Body};
use crate::http::backoff::Backoff;
use crate::http::transport::Transport;
use crate::http::wire::{Caller, How, Next};
use crate::ledger::{Digest, FieldId, Window};
use crate::request::path::encode;
use crate::request::prepare::PreparedRequest;
use crate::sync::shared::context::Context;
use crate::sync::shared::shown::{Shown, shown};
use crate::sync::shared::tally::count;

/// How often one page is asked for.
const TRIES: u32 = 3;
/// The most pages of a walk over everything: five million records.
const MOST_PAGES: usize = 20_000;
/// A window is left when it has this many times the pages that the quota could have filled.
const PLENTY: usize = 4;

/// What takes the records of a list while it is walked over.
pub(crate) trait Visitor<T, C: Clock> {
    /// The records of a page.
    async fn visit(&mut self, records: &[Value], context: &Context<'_, T, C>) -> Result<(), Broken>;
}

/// A record of the list that may be what a row looks for.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) shown: Shown,
    /// The fields that it shows, each with the digest of its value.
    pub(crate) fields: Vec<(FieldId, Option<Digest>)>,
}

/// What rows look for, and what a walk has found of it.
#[derive(Default)]
pub(crate) struct Finds {
    by_identity: BTreeMap<(usize, Digest), Vec<usize>>,
    by_key: BTreeMap<String, Vec<usize>>,
    /// By the position of the row.
    candidates: Vec<Vec<Candidate>>,
    /// Which identities records had at all, each kind once.
    had: BTreeSet<Vec<bool>>,
    /// The keys of records that this account has made and that were seen.
    own: HashSet<String>,
}

impl Candidate {
    /// A record, with what it shows.
    pub(crate) fn of<T, C: Clock + Copy>(record: &Value, shown: Shown, context: &Context<'_, T, C>) -> Self {
        let mut fields = context.shown_fields.digests(record);
        let identities = context.matches.iter().zip(&shown.identities);
        fields.extend(
            identities.filter_map(|(known, digest)| digest.map(|digest| (known.field(), Some(digest)))),
        );
        Self { shown, fields }
    }
}

/// Why a walk did not come to its end.
pub(crate) struct Broken {
    pub(crate) reason: String,
    /// The API refused the first page, or what answered is not the API.
    pub(crate) no_list: bool,
}

impl Finds {
    /// Adds a row, by the identities and the key of the record that it looks for.
    pub(crate) fn look_for(&mut self, identities: &[(usize, Digest)], key: Option<&str>) {
        let position = self.candidates.len();
        for identity in identities {
            self.by_identity.entry(*identity).or_default().push(position);
        }
        if let Some(key) = key {
            self.by_key.entry(key.to_owned()).or_default().push(position);
        }
        self.candidates.push(Vec::new());
    }

    /// What was found, row by row.
    pub(crate) fn take_candidates(&mut self) -> Vec<Vec<Candidate>> {
        std::mem::take(&mut self.candidates)
    }

    /// Every record showed one of these identities.
    pub(crate) fn comparable(&self, identities: &[(usize, Digest)]) -> bool {
        let shows = |had: &Vec<bool>| identities.iter().any(|(place, _)| had.get(*place) == Some(&true));
        self.had.iter().all(shows)
    }

    /// A record that was seen turned out to be of this account.
    pub(crate) fn note_own(&mut self, key: &str) {
        self.own.insert(key.to_owned());
    }

    /// A record of this account was seen.
    pub(crate) fn saw(&self, key: &str) -> bool {
        self.own.contains(key)
    }

    fn compare<T, C: Clock + Copy>(&mut self, record: &Value, context: &Context<'_, T, C>) {
        let (shown, has) = shown(record, &context.matches, &context.job.api.answers);
        if !self.had.contains(&has) {
            self.had.insert(has);
        }
        let age = context.age_shown(shown.created);
        let own = |key: &&str| context.recent.seen(key, context.run_time(), age);
        if let Some(key) = shown.key.as_deref().filter(own) {
            self.own.insert(key.to_owned());
        }
        let by_identity = shown
            .identities
            .iter()
            .enumerate()
            .filter_map(|(place, digest)| self.by_identity.get(&(place, (*digest)?)));
        let by_key = shown.key.as_ref().and_then(|key| self.by_key.get(key));
        let rows: BTreeSet<usize> = by_identity.chain(by_key).flatten().copied().collect();
        for row in rows {
            if let Some(candidates) = self.candidates.get_mut(row) {
                candidates.push(Candidate::of(record, shown.clone(), context));
            }
        }
    }
}

impl<T, C: Clock + Copy> Visitor<T, C> for Finds {
    async fn visit(&mut self, records: &[Value], context: &Context<'_, T, C>) -> Result<(), Broken> {
        for record in records {
            self.compare(record, context);
        }
        Ok(())
    }
}

/// Reads all pages of these times of creation; of all times, where there are none.
pub(crate) async fn walk<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    visitor: &mut impl Visitor<T, C>,
    windows: &[Window],
) -> Result<(), Broken> {
    let broken = |reason: &str| Broken { reason: reason.to_owned(), no_list: false };
    let operation = context
        .job
        .object
        .operation(OperationName::List)
        .ok_or_else(|| broken("the API lists no such records"))?;
    let mut size = context.job.api.lists.max_size;
    if windows.is_empty() {
        return walk_window(context, visitor, operation, None, MOST_PAGES, &mut size).await;
    }
    for window in windows {
        let most = most_pages(context, *window, size);
        walk_window(context, visitor, operation, Some(*window), most, &mut size).await?;
    }
    Ok(())
}

/// Reads all pages of one time of creation, however many there are: rows may have asked for that time.
pub(crate) async fn walk_asked<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    visitor: &mut impl Visitor<T, C>,
    window: Option<Window>,
) -> Result<(), Broken> {
    let broken = |reason: &str| Broken { reason: reason.to_owned(), no_list: false };
    let operation = context
        .job
        .object
        .operation(OperationName::List)
        .ok_or_else(|| broken("the API lists no such records"))?;
    let mut size = context.job.api.lists.max_size;
    walk_window(context, visitor, operation, window, MOST_PAGES, &mut size).await
}

async fn walk_window<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    visitor: &mut impl Visitor<T, C>,
    operation: &'static Operation,
    window: Option<Window>,
    most: usize,
    size: &mut u32,
) -> Result<(), Broken> {
    let lists = &context.job.api.lists;
    let broken = |reason: &str| Broken { reason: reason.to_owned(), no_list: false };
    let mut cursors: HashSet<String> = HashSet::new();
    let mut cursor: Option<String> = None;
    for _ in 0..most {
        let path = page_path(operation.path, lists, *size, window, cursor.as_deref());
        let answer =
            match read_page(context, &PreparedRequest::read(operation, path), cursor.is_none()).await? {
                PageRead::Page(answer) => answer,
                PageRead::TooLarge if *size > 1 => {
                    *size = (*size / 2).max(1);
                    continue;
                }
                PageRead::TooLarge => return Err(broken("a single record of the list is larger than 1 MiB")),
            };
        let page = answer.page(context.job.api).ok_or_else(|| broken("a page of the list cannot be read"))?;
        visitor.visit(page.items, context).await?;
        if !page.more {
            return Ok(());
        }
        let last = page.cursor(context.job.api);
        // A page that says that more follow, and does not say after what or sends back to where it was, has no way on.
        let Some(last) = last else { return Err(broken("a page of the list does not say where it goes on")) };
        if !cursors.insert(last.clone()) {
            return Err(broken("the pages of the list lead back to where they began"));
        }
        cursor = Some(last);
    }
    Err(broken("the list has more pages than it can have records of that time"))
}

/// A window has no more pages than this.
fn most_pages<T, C: Clock + Copy>(context: &Context<'_, T, C>, window: Window, size: u32) -> usize {
    let Window { from, to } = window;
    let limit = &context.job.api.rate_limit;
    let span = to.abs_diff(from) / 1000;
    let records = u64::from(limit.requests).saturating_mul(span) / u64::from(limit.seconds.max(1));
    let pages = usize::try_from(records / u64::from(size.max(1))).unwrap_or(usize::MAX);
    PLENTY.saturating_mul(pages.saturating_add(PLENTY)).min(MOST_PAGES)
}

pub(crate) fn page_path(
    path: &str,
    lists: &ListSpec,
    size: u32,
    window: Option<Window>,
    cursor: Option<&str>,
) -> String {
    let mut page = format!("{path}?{}={size}", lists.size_parameter);
    if let Some(Window { from, to }) = window {
        // Writing to a String cannot fail.
        let _ = write!(page, "&{}={from}&{}={to}", lists.created_from, lists.created_to);
    }
    if let Some(cursor) = cursor {
        let _ = write!(page, "&{}={}", lists.cursor_parameter, encode(cursor));
    }
    page
}

/// What came of a page.
enum PageRead {
    Page(Answer),
    /// It is more than is read at once.
    TooLarge,
}

/// One page; asked for again where that may help.
async fn read_page<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    request: &PreparedRequest,
    first: bool,
) -> Result<PageRead, Broken> {
    let mut caller = PageCall { context, too_large: false };
    let (message, no_list) = match context.wire.call(request, &mut caller).await.how {
        How::Applied(answer) => return Ok(PageRead::Page(answer)),
        _ if caller.too_large => return Ok(PageRead::TooLarge),
        How::Refused(_, answer) | How::Denied(answer) | How::Moved(answer) => {
            (answer.explained(context.job.api), first)
        }
        How::Trouble { message, .. } => (message, false),
        How::Stopped => {
            return Err(Broken { reason: "the run was stopped".to_owned(), no_list: false });
        }
    };
    Err(Broken { reason: format!("the lookup failed: {message}"), no_list })
}

/// The calls of one page.
struct PageCall<'c, 'a, T, C: Clock> {
    context: &'c Context<'a, T, C>,
    too_large: bool,
}

impl<T: Transport, C: Clock + Copy> Caller for PageCall<'_, '_, T, C> {
    async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        self.context.unless_stopping(future).await
    }

    fn came_back(&mut self, verdict: Verdict, result: &Result<Answer, CallError>) -> Verdict {
        self.too_large = matches!(result, Ok(Answer { body: Body::TooLarge, .. }));
        self.context.note_read(verdict, result);
        count(&self.context.tally.lookups);
        verdict
    }

    fn next(&mut self, verdict: Verdict, backoff: &mut Backoff, calls: u32) -> Next {
        match verdict {
            _ if self.too_large => Next::End,
            Verdict::Throttled { .. } => Next::Again(std::time::Duration::ZERO),
            Verdict::NotSent | Verdict::Trouble { .. } if calls < TRIES => {
                Next::Again(backoff.pause(calls, None))
            }
            _ => Next::End,
        }
    }
}

/// Reads one small page of the list, to see whether the API answers at this address. Says whether nothing speaks against
/// it. Rows that ask at the same time share one page.
pub(crate) async fn list_answers<T: Transport, C: Clock + Copy>(context: &Context<'_, T, C>) -> bool {
    let Some(operation) = context.job.object.operation(OperationName::List) else { return true };
    let _only_one = context.asking.lock().await;
    if context.tally.is_good() {
        return true;
    }
    let path = page_path(operation.path, &context.job.api.lists, 1, None, None);
    match read_page(context, &PreparedRequest::read(operation, path), true).await {
        Ok(_) => true,
        Err(broken) => {
            context.note_broken_walk(&broken);
            // Trouble says nothing. What was refused, or is not the API's list, has stopped the run.
            !context.is_stopping()
        }
    }
}
