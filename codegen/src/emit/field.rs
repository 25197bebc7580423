//! The fields of an object as constant tables; only what differs from a blank field is written.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::doc::{doc, doc_lines, sentence};
use super::file::Item;
use super::literal::{list, number, option};
use crate::model::{Field, Object, Reference, WhenAbsent};
use crate::names;
use crate::syntax::field::{FieldType, Format, Unit};
use crate::syntax::operation::OperationName;

/// `pub mod field { ... }`.
pub(super) fn emit(object: &Object) -> Item {
    let mut items = vec![Item::Declaration(slots(object))];
    items.extend(object.fields.iter().map(|field| Item::Code(table(field, object))));
    let docs = doc_lines(&format!("The fields of {}.", object.name));
    Item::Module { head: format!("{docs}\npub mod field"), imports: names::FIELD_IMPORTS, items }
}

/// The path of a field's table from the file of its object.
pub(super) fn path(field: &Field) -> TokenStream {
    let name = names::constant(&field.name);
    quote! { &field::#name }
}

/// The path of a field's table from another.
fn sibling(field: &Field) -> TokenStream {
    let name = names::constant(&field.name);
    quote! { &#name }
}

/// An enum numbers the fields, so that a new field changes one line and not every index after it.
fn slots(object: &Object) -> TokenStream {
    let slots = object.fields.iter().map(|field| names::type_name(&field.name));
    quote! {
        #[doc = " The order of the fields."]
        #[doc(hidden)]
        #[derive(Clone, Copy, Debug)]
        pub enum Slot { #(#slots),* }
    }
}

fn table(field: &Field, object: &Object) -> TokenStream {
    let Field { name, description, source, .. } = field;
    let constant = names::constant(name);
    let slot = names::type_name(name);
    let kind = kind(field.kind);
    let docs = doc(&sentence(description));
    let rules = rules(field, object);
    let writable = (!field.writable.is_empty()).then(|| {
        let operations = list(field.writable.iter().map(|operation| operation_name(*operation)));
        quote! { writable: #operations, }
    });
    let when_absent = field.when_absent.as_ref().map(|when_absent| {
        let when_absent = absent_table(when_absent, object);
        quote! { when_absent: Some(#when_absent), }
    });
    let refers_to = field.refers_to.as_ref().map(|reference| {
        let Reference { list, property, message, .. } = reference;
        let status = number(i64::from(reference.status));
        quote! {
            refers_to: Some(Reference { list: #list, property: #property, status: #status, message: #message }),
        }
    });
    quote! {
        #docs
        pub static #constant: FieldSpec = FieldSpec {
            index: Slot::#slot as usize,
            name: #name,
            kind: FieldType::#kind,
            #rules
            #writable
            #when_absent
            #refers_to
            description: #description,
            source: #source,
            ..FieldSpec::BLANK
        };
    }
}

fn rules(field: &Field, object: &Object) -> TokenStream {
    let flags =
        [("required", field.required), ("default_field", field.by_default), ("nullable", field.nullable)];
    let flags = flags.into_iter().filter(|(_, set)| *set).map(|(flag, _)| format_ident!("{flag}"));
    let recommended = field.recommended.iter();
    let limits = [
        ("min_length", field.min_length.map(i64::from)),
        ("max_length", field.max_length.map(i64::from)),
        ("minimum", field.minimum),
        ("maximum", field.maximum),
    ];
    let format = field.format.map(format_name).into_iter();
    let unit = field.unit.map(unit_name).into_iter();
    let currency_field = field.currency.and_then(|index| object.fields.get(index)).map(sibling).into_iter();
    let allowed = (!field.allowed.is_empty()).then(|| list(&field.allowed)).into_iter();
    let map_limits = [
        ("max_entries", field.max_entries.map(i64::from)),
        ("max_name_length", field.max_name_length.map(i64::from)),
        ("max_value_length", field.max_value_length.map(i64::from)),
    ];
    let numbers = |limits: &[(&str, Option<i64>)]| -> TokenStream {
        let limits =
            limits.iter().filter_map(|(name, limit)| Some((format_ident!("{name}"), number((*limit)?))));
        limits.map(|(name, limit)| quote! { #name: Some(#limit), }).collect()
    };
    let (limits, map_limits) = (numbers(&limits), numbers(&map_limits));
    quote! {
        #(#flags: true,)*
        #(recommended: Some(#recommended),)*
        #limits
        #(format: Some(TextFormat::#format),)*
        #(unit: Some(Unit::#unit),)*
        #(currency_field: Some(#currency_field),)*
        #(allowed: #allowed,)*
        #map_limits
    }
}

fn absent_table(when_absent: &WhenAbsent, object: &Object) -> TokenStream {
    let send = option(when_absent.send.as_ref());
    let unless = list(
        when_absent.unless.iter().filter_map(|index| object.fields.get(*index)).map(|field| &field.name),
    );
    let reason = &when_absent.reason;
    quote! { WhenAbsent { send: #send, unless: #unless, reason: #reason } }
}

/// `OperationName::Create`.
pub(super) fn operation_name(operation: OperationName) -> TokenStream {
    let name = match operation {
        OperationName::Create => format_ident!("Create"),
        OperationName::Update => format_ident!("Update"),
        OperationName::List => format_ident!("List"),
    };
    quote! { OperationName::#name }
}

fn kind(kind: FieldType) -> Ident {
    match kind {
        FieldType::String => format_ident!("String"),
        FieldType::Integer => format_ident!("Integer"),
        FieldType::Boolean => format_ident!("Boolean"),
        FieldType::Date => format_ident!("Date"),
        FieldType::Timestamp => format_ident!("Timestamp"),
        FieldType::Strings => format_ident!("Strings"),
        FieldType::Map => format_ident!("Map"),
        FieldType::CustomFields => format_ident!("CustomFields"),
    }
}

fn format_name(format: Format) -> Ident {
    match format {
        Format::Email => format_ident!("Email"),
        Format::Currency => format_ident!("Currency"),
    }
}

fn unit_name(unit: Unit) -> Ident {
    match unit {
        Unit::Cents => format_ident!("Cents"),
    }
}
