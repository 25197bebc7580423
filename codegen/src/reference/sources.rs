//! The sources of facts: all of them in the overview; on an object's page, its own sources with their facts.

use std::collections::BTreeMap;

use super::markdown::{code, codes, link, prose};
use super::page::Page;
use crate::model::Object;
use crate::syntax::fact::{Certainty, FactSource};

/// Adds the sources, with what each is called in the spec.
pub(super) fn all(page: &mut Page, sources: &[FactSource]) {
    page.section("Sources");
    page.paragraph(
        "Every field, operation and mode names one of these. Certainty: high is the API's own documents or a \
         captured answer, medium is code or notes of others in real use, low is derived or unverified.",
    );
    let rows: Vec<_> = sources
        .iter()
        .map(|source| {
            let [title, read, certainty] = columns(source);
            [code(&source.name), title, read, certainty]
        })
        .collect();
    page.table(["Name", "Source", "Read", "Certainty"], &rows);
}

/// Adds the sources that an object relies on.
pub(super) fn of_object(page: &mut Page, object: &Object, sources: &[FactSource]) {
    let facts = facts(object);
    let rows: Vec<_> = sources
        .iter()
        .filter_map(|source| {
            let [title, read, certainty] = columns(source);
            Some([title, read, certainty, facts.get(source.name.as_str())?.join("; ")])
        })
        .collect();
    page.section("Sources");
    page.table(["Source", "Read", "Certainty", "What it says"], &rows);
}

fn columns(source: &FactSource) -> [String; 3] {
    let certainty = match source.certainty {
        Certainty::High => "high",
        Certainty::Medium => "medium",
        Certainty::Low => "low",
    };
    [link(&source.title, &source.url), source.read.clone(), certainty.to_owned()]
}

/// The facts about an object by the name of their source.
fn facts(object: &Object) -> BTreeMap<&str, Vec<String>> {
    let field = |index: &usize| object.fields.get(*index).map(|field| field.name.as_str());
    let absent = object.fields.iter().filter_map(|field| Some((&field.name, field.when_absent.as_ref()?)));
    let references = object.fields.iter().filter_map(|field| Some((&field.name, field.refers_to.as_ref()?)));
    let kinds: [(&str, Vec<(&str, String)>); 7] = [
        ("fields", object.fields.iter().map(|field| (field.source.as_str(), code(&field.name))).collect()),
        (
            "values in place of absent ones",
            absent.map(|(name, when_absent)| (when_absent.source.as_str(), code(name))).collect(),
        ),
        (
            "what a value refers to",
            references.map(|(name, reference)| (reference.source.as_str(), code(name))).collect(),
        ),
        (
            "constraints",
            object
                .constraints
                .iter()
                .map(|group| {
                    let fields = codes(group.exactly_one_of.iter().filter_map(field), "or");
                    (group.source.as_str(), format!("exactly one of {fields}"))
                })
                .collect(),
        ),
        (
            "operations",
            object
                .operations
                .iter()
                .map(|operation| (operation.source.as_str(), operation.name.key().to_owned()))
                .collect(),
        ),
        (
            "modes",
            object.modes.iter().map(|mode| (mode.source.as_str(), mode.name.key().to_owned())).collect(),
        ),
        (
            "not offered",
            object.not_offered.iter().map(|absent| (absent.source.as_str(), prose(&absent.title))).collect(),
        ),
    ];
    let mut facts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (kind, of_kind) in kinds {
        let mut by_source: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (source, fact) in of_kind {
            by_source.entry(source).or_default().push(fact);
        }
        for (source, of_source) in by_source {
            facts.entry(source).or_default().push(format!("{kind}: {}", of_source.join(", ")));
        }
    }
    facts
}
