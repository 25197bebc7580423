//! The file of one object: its tag type, its row of the mode matrix, its table, its operations.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::doc::{doc, sentence};
use super::file::{self, Item};
use super::literal::{list, option};
use super::{api, field, payload};
use crate::model::{Identity, Mode, ModeName, Object, Operation, Support};
use crate::names;
use crate::syntax::object::Compare;
use crate::syntax::operation::{Method, OperationName};

/// The text of an object's file.
pub(super) fn emit(object: &Object) -> String {
    let mut items = vec![Item::Code(tag(object)), Item::Code(object_impl(object))];
    items.extend(object.modes.iter().filter_map(|mode| allows(object, mode)).map(Item::Code));
    items.push(Item::Code(table(object)));
    items.extend((0..object.constraints.len()).filter_map(|index| one_of(object, index)).map(Item::Code));
    items.extend(object.operations.iter().map(|operation| Item::Code(operation_table(object, operation))));
    items.push(field::emit(object));
    for operation in object.operations.iter().filter(|operation| operation.name != OperationName::List) {
        items.extend(payload::emit(object, operation).into_iter().map(Item::Code));
    }
    let header = format!(
        "{}: generated from `objects/{}.yaml`; edit that file, not this one.",
        object.title, object.name
    );
    file::render(&header, names::OBJECT_IMPORTS, &items)
}

fn tag(object: &Object) -> TokenStream {
    let name = names::type_name(&object.singular);
    let docs = doc(&sentence(&object.description));
    // An editor shows why the compiler refuses a mode.
    let forbidden = object.modes.iter().filter_map(|mode| match &mode.support {
        Support::Forbidden(reason) => Some(doc(&sentence(&format!("No {}: {reason}", mode.name.key())))),
        Support::Steps(_) => None,
    });
    quote! {
        #docs
        #(#[doc = ""] #forbidden)*
        #[derive(Debug)]
        pub enum #name {}
    }
}

fn object_impl(object: &Object) -> TokenStream {
    let name = names::type_name(&object.singular);
    quote! {
        impl Sealed for #name {}
        impl Object for #name {
            const SPEC: &'static ObjectSpec = &SPEC;
        }
    }
}

fn allows(object: &Object, mode: &Mode) -> Option<TokenStream> {
    let Support::Steps(steps) = &mode.support else { return None };
    let name = names::type_name(&object.singular);
    let mode = mode_name(mode.name);
    let steps = list(steps.iter().map(|step| {
        let (operation, payload) = (names::constant(step.key()), names::type_name(step.key()));
        quote! { Step { operation: &#operation, prepare: prepare::<#payload> } }
    }));
    Some(quote! {
        impl Allows<mode::#mode> for #name {
            const STEPS: &'static [Step] = #steps;
        }
    })
}

fn table(object: &Object) -> TokenStream {
    let Object { name, singular, title, description, .. } = object;
    let docs = doc(&format!("What the spec says of {name}."));
    let field_at = |index: Option<usize>| index.and_then(|index| object.fields.get(index)).map(field::path);
    let key_prefix = option(object.key_prefix.as_ref());
    let key_field = option(field_at(object.key_field));
    let created_field = option(field_at(object.created_field));
    let derive_field = option(object.fields.iter().find(|field| field.derive).map(field::path));
    let fields = list(object.fields.iter().map(field::path));
    let exactly_one_of = list((0..object.constraints.len()).map(names::one_of));
    let identity = list(object.identity.iter().filter_map(|identity| identity_table(object, identity)));
    let operations = list(object.operations.iter().map(|operation| {
        let operation = names::constant(operation.name.key());
        quote! { &#operation }
    }));
    let modes = list(object.modes.iter().map(|mode| mode_table(object, mode)));
    let not_offered = list(object.not_offered.iter().map(api::not_offered));
    let open = list(object.open.iter().map(api::open_fact));
    quote! {
        #docs
        pub static SPEC: ObjectSpec = ObjectSpec {
            name: #name,
            singular: #singular,
            title: #title,
            description: #description,
            key_prefix: #key_prefix,
            key_field: #key_field,
            created_field: #created_field,
            derive_field: #derive_field,
            fields: #fields,
            exactly_one_of: #exactly_one_of,
            identity: #identity,
            operations: #operations,
            modes: #modes,
            not_offered: #not_offered,
            open: #open,
        };
    }
}

fn identity_table(object: &Object, identity: &Identity) -> Option<TokenStream> {
    let field = field::path(object.fields.get(identity.field)?);
    let property = &identity.property;
    let compare = match identity.compare {
        Compare::Exact => format_ident!("Exact"),
        Compare::IgnoreCase => format_ident!("IgnoreCase"),
    };
    Some(quote! { IdentitySpec { field: #field, property: #property, compare: Compare::#compare } })
}

fn mode_table(object: &Object, mode: &Mode) -> TokenStream {
    let object = names::type_name(&object.singular);
    let name = mode_name(mode.name);
    let support = match &mode.support {
        Support::Steps(_) => quote! { Support::Steps(<#object as Allows<mode::#name>>::STEPS) },
        Support::Forbidden(reason) => quote! { Support::Forbidden(#reason) },
    };
    let description = option(mode.description.as_ref());
    quote! { ModeSpec { mode: Mode::#name, support: #support, description: #description } }
}

fn mode_name(mode: ModeName) -> proc_macro2::Ident {
    names::type_name(mode.key())
}

/// A const, because the object's table holds it and the payload's check borrows it.
fn one_of(object: &Object, index: usize) -> Option<TokenStream> {
    let group = object.constraints.get(index)?;
    let name = names::one_of(index);
    let fields =
        list(group.exactly_one_of.iter().filter_map(|index| object.fields.get(*index)).map(field::path));
    let description = &group.description;
    Some(quote! { const #name: OneOf = OneOf { fields: #fields, description: #description }; })
}

fn operation_table(object: &Object, operation: &Operation) -> TokenStream {
    let constant = names::constant(operation.name.key());
    let name = field::operation_name(operation.name);
    let method = match operation.method {
        Method::Get => format_ident!("Get"),
        Method::Post => format_ident!("Post"),
        Method::Put => format_ident!("Put"),
        Method::Patch => format_ident!("Patch"),
    };
    let path = &operation.template;
    let path_fields = list(object.path(operation).map(field::path));
    let repeatable = operation.repeatable;
    let lookup = option(operation.lookup.map(field::operation_name));
    quote! {
        static #constant: Operation = Operation {
            name: #name,
            method: Method::#method,
            path: #path,
            path_fields: #path_fields,
            repeatable: #repeatable,
            lookup: #lookup,
        };
    }
}
