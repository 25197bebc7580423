//! The overview: what holds for all objects, and the mode matrix.

use super::markdown::{code, codes, listed, number, prose, yes_or_no};
use super::object::{not_offered, open};
use super::page::{Page, begin, page_name};
use super::sources;
use crate::model::{ModeName, Object, Spec, Support};
use crate::syntax::api::{Api, ErrorClass, HintCondition};

/// The page.
pub(super) fn page(spec: &Spec) -> String {
    let api = &spec.api;
    let mut page = begin(&api.title);
    page.paragraph(&prose(&api.description));
    page.section("Prerequisites");
    page.list(api.prerequisites.iter().map(|text| prose(text)));
    authentication(&mut page, api);
    settings(&mut page, &spec.objects);
    modes(&mut page, &spec.objects);
    features(&mut page, api);
    not_offered(&mut page, &api.not_offered);
    limits(&mut page, api);
    page.section("Best practices");
    page.list(api.best_practices.iter().map(|text| prose(text)));
    hints(&mut page, api);
    refusals(&mut page, api);
    open(&mut page, &api.open);
    sources::all(&mut page, &api.sources);
    page.finish()
}

fn authentication(page: &mut Page, api: &Api) {
    let authentication = &api.authentication;
    page.section("Authentication");
    page.paragraph(&format!(
        "HTTP Basic: the {} is the user name, the {} the password. Both are found at {}.",
        prose(&authentication.username),
        prose(&authentication.password),
        prose(&authentication.keys_at),
    ));
    page.paragraph(&prose(&authentication.environments));
    page.paragraph(&format!("Source: {}.", code(&authentication.source)));
}

/// What a user chooses before any field.
fn settings(page: &mut Page, objects: &[Object]) {
    page.section("Target settings");
    let options = objects.iter().map(|object| object.title.as_str()).collect::<Vec<_>>().join(", ");
    let names = codes(objects.iter().map(|object| object.name.as_str()), "or");
    let description = format!(
        "The object to sync data to. Options: {}. It is written {names}, as `object` in a sync file or `--object`.",
        prose(&options)
    );
    let row = ["Object Type".to_owned(), "Select".to_owned(), yes_or_no(true), description];
    page.table(["Field", "Type", "Required", "Description"], &[row]);
}

fn modes(page: &mut Page, objects: &[Object]) {
    page.section("Objects and modes");
    let rows: Vec<_> = objects
        .iter()
        .map(|object| {
            let supported = |name: ModeName| {
                let mut modes = object.modes.iter().filter(|mode| mode.name == name);
                yes_or_no(modes.any(|mode| matches!(mode.support, Support::Steps(_))))
            };
            [
                format!("[{}]({})", object.name, page_name(&object.name)),
                supported(ModeName::Insert),
                supported(ModeName::Update),
                supported(ModeName::Upsert),
                prose(&object.description),
            ]
        })
        .collect();
    page.table(["Object", "Insert", "Update", "Upsert", "What it is"], &rows);
    let forbidden: Vec<_> = objects
        .iter()
        .flat_map(|object| object.modes.iter().map(move |mode| (object, mode)))
        .filter_map(|(object, mode)| {
            let Support::Forbidden(reason) = &mode.support else { return None };
            let description = mode.description.as_deref().map(prose).unwrap_or_default();
            Some([object.name.clone(), mode.name.key().to_owned(), prose(reason), description])
        })
        .collect();
    page.table(["Object", "Mode", "Why it is not offered", "What the API can do"], &forbidden);
}

/// What the tool can do for every object, and what it can do for none.
fn features(page: &mut Page, api: &Api) {
    page.section("Features");
    let mapping = ["Field mapping".to_owned(), yes_or_no(true)];
    let absent = api.not_offered.iter().map(|absent| [prose(&absent.title), yes_or_no(false)]);
    page.table(["Feature", "Supported"], &std::iter::once(mapping).chain(absent).collect::<Vec<_>>());
}

fn limits(page: &mut Page, api: &Api) {
    page.section("Limits");
    let (rate, lists) = (&api.rate_limit, &api.lists);
    let row = |what: &str, limit: String, source: &str| [what.to_owned(), limit, source.to_owned()];
    let requests = format!(
        "{} requests in {} seconds for each {}; above that, HTTP 429",
        number(rate.requests),
        number(rate.seconds),
        prose(&rate.scope)
    );
    let rows = [
        row("Rate limit", requests, &code(&rate.source)),
        row("Records in a page of a list", number(lists.max_size), &code(&lists.source)),
        row(
            "Time until a record that a list lacks can count as missing (`--settle-after`)",
            format!("{} seconds", number(api.settle_after)),
            "",
        ),
        row(
            "Time until it counts as missing though the list shows no other record that is as young",
            format!("{} seconds", number(lists.lag)),
            "",
        ),
    ];
    page.table(["Limit", "Value", "Source"], &rows);
    page.paragraph(&format!("Every path of an operation follows {}.", code(&api.base_url)));
}

fn hints(page: &mut Page, api: &Api) {
    page.section("Troubleshooting");
    for hint in &api.hints {
        page.part(&hint.title);
        page.paragraph(&prose(&hint.text));
        let when: Vec<String> = hint.when.iter().map(condition).collect();
        page.paragraph(&format!("Shown for {}. Source: {}.", when.join("; or "), code(&hint.source)));
    }
}

/// A condition in words: every part of it must hold.
fn condition(condition: &HintCondition) -> String {
    let HintCondition { object, operation, status, words, rule, field, test_records } = condition;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(object.as_deref().map(code));
    parts.extend(operation.map(|operation| format!("operation {}", operation.key())));
    parts.extend((!status.is_empty()).then(|| format!("status {}", statuses(status))));
    parts.extend(rule.as_deref().map(|rule| format!("rule {}", code(rule))));
    parts.extend(field.as_deref().map(|field| format!("field {}", code(field))));
    parts.extend(test_records.then(|| "test records".to_owned()));
    parts.extend((!words.is_empty()).then(|| format!("a message with {}", said(words))));
    parts.join(", ")
}

fn refusals(page: &mut Page, api: &Api) {
    page.section("What refusals mean");
    page.paragraph(
        "The first line that fits decides. A refusal that fits none concerns its row alone. Only an answer in the API's \
         own form is a refusal: JSON with a message, and with no status but HTTP's. An answer in any other form is trouble \
         on the way, unless its status is one of those for wrong keys or too many requests.",
    );
    let rows: Vec<_> = api
        .errors
        .iter()
        .map(|rule| {
            [
                statuses(&rule.status),
                rule.operation.map(|operation| operation.key().to_owned()).unwrap_or_default(),
                said(&rule.words),
                meaning(rule.class).to_owned(),
                code(&rule.source),
            ]
        })
        .collect();
    page.table(["Status", "Operation", "Any of these in the message", "Means", "Source"], &rows);
}

fn meaning(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Unauthorized => "the keys are wrong: the run ends",
        ErrorClass::Forbidden => {
            "it is not allowed: the row is refused, and the run ends after fifty such answers in a row"
        }
        ErrorClass::NotFound => "there is no such record",
        ErrorClass::Duplicate => "there is such a record already",
        ErrorClass::Throttled => "too many requests: everything waits and is sent again",
        ErrorClass::Rejected => "the row is refused",
        ErrorClass::Trouble => "trouble on the way, in any form: it says nothing about the row",
    }
}

fn statuses(statuses: &[u16]) -> String {
    listed(statuses.iter().map(u16::to_string), "or")
}

fn said(words: &[String]) -> String {
    codes(words.iter().map(String::as_str), "or")
}
