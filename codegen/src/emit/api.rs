//! The table of what is true of the API as a whole.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::field::operation_name;
use super::file::{self, Item};
use super::literal::{list, number, option};
use crate::model::Spec;
use crate::names;
use crate::syntax::api::{
    Answers, Api, Authentication, ErrorClass, ErrorRule, Hint, HintCondition, Lists, RateLimit,
};
use crate::syntax::fact::{Certainty, FactSource, NotOffered, OpenFact};

/// The text of `api.rs`.
pub(super) fn emit(spec: &Spec) -> String {
    let header = "The API as a whole: generated from `api.yaml`; edit that file, not this one.";
    file::render(header, names::API_IMPORTS, &[Item::Code(table(spec))])
}

fn table(spec: &Spec) -> TokenStream {
    let Api { title, description, base_url, .. } = &spec.api;
    let prerequisites = list(&spec.api.prerequisites);
    let authentication = authentication(&spec.api.authentication);
    let rate_limit = rate_limit(&spec.api.rate_limit);
    let settle_after = number(spec.api.settle_after.into());
    let answers = answers(&spec.api.answers);
    let lists = lists(&spec.api.lists);
    let errors = list(spec.api.errors.iter().map(error_rule));
    let hints = list(spec.api.hints.iter().map(hint));
    let best_practices = list(&spec.api.best_practices);
    let not_offered = list(spec.api.not_offered.iter().map(not_offered));
    let open = list(spec.api.open.iter().map(open_fact));
    let sources = list(spec.api.sources.iter().map(source));
    let objects = list(spec.objects.iter().map(|object| {
        let module = names::variable(&object.singular);
        quote! { &super::#module::SPEC }
    }));
    quote! {
        #[doc = " What the spec says of the API."]
        pub static API: ApiSpec = ApiSpec {
            title: #title,
            description: #description,
            prerequisites: #prerequisites,
            base_url: #base_url,
            authentication: #authentication,
            rate_limit: #rate_limit,
            settle_after: #settle_after,
            answers: #answers,
            lists: #lists,
            errors: #errors,
            hints: #hints,
            best_practices: #best_practices,
            not_offered: #not_offered,
            open: #open,
            sources: #sources,
            objects: #objects,
        };
    }
}

/// The scheme is left out: there is only one.
fn authentication(authentication: &Authentication) -> TokenStream {
    let Authentication { scheme: _, username, password, keys_at, environments, test_partner, source: _ } =
        authentication;
    quote! {
        AuthenticationSpec {
            username: #username,
            password: #password,
            keys_at: #keys_at,
            environments: #environments,
            test_partner: #test_partner,
        }
    }
}

fn rate_limit(limit: &RateLimit) -> TokenStream {
    let (requests, seconds, scope) =
        (number(limit.requests.into()), number(limit.seconds.into()), &limit.scope);
    quote! { RateLimit { requests: #requests, seconds: #seconds, scope: #scope } }
}

fn answers(answers: &Answers) -> TokenStream {
    let Answers { key, created, test, .. } = answers;
    let success = statuses(&answers.success);
    let (message, status, record) = (place(&answers.message), place(&answers.status), place(&answers.record));
    quote! {
        AnswerSpec {
            success: #success,
            message: #message,
            status: #status,
            record: #record,
            key: #key,
            created: #created,
            test: #test,
        }
    }
}

fn lists(lists: &Lists) -> TokenStream {
    let Lists { size_parameter, cursor_parameter, cursor_property, created_from, created_to, .. } = lists;
    let (items, more) = (place(&lists.items), place(&lists.more));
    let (max_size, lag) = (number(lists.max_size.into()), number(lists.lag.into()));
    quote! {
        ListSpec {
            items: #items,
            more: #more,
            size_parameter: #size_parameter,
            max_size: #max_size,
            cursor_parameter: #cursor_parameter,
            cursor_property: #cursor_property,
            created_from: #created_from,
            created_to: #created_to,
            lag: #lag,
        }
    }
}

/// `data.items` as a list of properties.
fn place(place: &str) -> TokenStream {
    list(place.split('.'))
}

fn statuses(statuses: &[u16]) -> TokenStream {
    list(statuses.iter().map(|status| number((*status).into())))
}

fn error_rule(rule: &ErrorRule) -> TokenStream {
    let class: Ident = match rule.class {
        ErrorClass::Unauthorized => format_ident!("Unauthorized"),
        ErrorClass::Forbidden => format_ident!("Forbidden"),
        ErrorClass::NotFound => format_ident!("NotFound"),
        ErrorClass::Duplicate => format_ident!("Duplicate"),
        ErrorClass::Throttled => format_ident!("Throttled"),
        ErrorClass::Rejected => format_ident!("Rejected"),
        ErrorClass::Trouble => format_ident!("Trouble"),
    };
    let operation = option(rule.operation.map(operation_name));
    let (status, words) = (statuses(&rule.status), list(&rule.words));
    quote! { ErrorRule { class: ErrorClass::#class, operation: #operation, status: #status, words: #words } }
}

fn hint(hint: &Hint) -> TokenStream {
    let Hint { name, title, text, .. } = hint;
    let when = list(hint.when.iter().map(condition));
    quote! { Hint { name: #name, title: #title, text: #text, when: #when } }
}

/// Only the keys that the condition has.
fn condition(condition: &HintCondition) -> TokenStream {
    let mut asked = Vec::new();
    let mut ask = |key: &str, value: TokenStream| {
        let key = format_ident!("{key}");
        asked.push(quote! { #key: #value });
    };
    if condition.object.is_some() {
        ask("object", option(condition.object.as_ref()));
    }
    if let Some(operation) = condition.operation {
        ask("operation", option(Some(operation_name(operation))));
    }
    if !condition.status.is_empty() {
        ask("status", statuses(&condition.status));
    }
    if !condition.words.is_empty() {
        ask("words", list(&condition.words));
    }
    if condition.rule.is_some() {
        ask("rule", option(condition.rule.as_ref()));
    }
    if condition.field.is_some() {
        ask("field", option(condition.field.as_ref()));
    }
    if condition.test_records {
        ask("test_records", quote! { true });
    }
    // With all keys written, clippy refuses the base.
    let rest = (asked.len() < 7).then(|| quote! { ..HintCondition::ANY });
    quote! { HintCondition { #(#asked,)* #rest } }
}

/// Used for single objects, too.
pub(super) fn not_offered(not_offered: &NotOffered) -> TokenStream {
    let NotOffered { title, reason, .. } = not_offered;
    quote! { NotOffered { title: #title, reason: #reason } }
}

/// Used for single objects, too.
pub(super) fn open_fact(fact: &OpenFact) -> TokenStream {
    let OpenFact { question, handling } = fact;
    quote! { OpenFact { question: #question, handling: #handling } }
}

fn source(source: &FactSource) -> TokenStream {
    let FactSource { name, title, url, read, .. } = source;
    let certainty = match source.certainty {
        Certainty::High => "high",
        Certainty::Medium => "medium",
        Certainty::Low => "low",
    };
    quote! { FactSource { name: #name, title: #title, url: #url, read: #read, certainty: #certainty } }
}
