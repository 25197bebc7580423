//! What one operation sends for one row: a struct, its constructor, and flat lists of calls to the connector's rules.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::doc::{capitalised, doc, sentence};
use super::field;
use crate::model::{Field, Object, Operation, Segment};
use crate::names;
use crate::output::limits::limits;
use crate::syntax::field::FieldType;
use crate::syntax::operation::OperationName;

/// The payload of an operation that has a body.
pub(super) fn emit(object: &Object, operation: &Operation) -> Vec<TokenStream> {
    let path = object.path(operation).map(|field| Member { field, role: Role::Path });
    let body = object.body(operation.name).map(|field| Member { field, role: role(field, operation) });
    let members: Vec<Member<'_>> = path.chain(body).collect();
    let payload = Payload { object, operation, name: names::type_name(operation.name.key()), members };
    vec![payload.structure(), payload.constructor(), payload.implementation()]
}

struct Payload<'m> {
    object: &'m Object,
    operation: &'m Operation,
    name: Ident,
    members: Vec<Member<'m>>,
}

/// A field as a member of the struct.
struct Member<'m> {
    field: &'m Field,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It fills the path and is in no body.
    Path,
    /// The operation needs it.
    Required,
    /// It may be absent, and is left out then.
    Optional,
    /// It may be absent, and is sent as null then.
    OrNull,
}

fn role(field: &Field, operation: &Operation) -> Role {
    let is_create = operation.name == OperationName::Create;
    match &field.when_absent {
        _ if is_create && field.required => Role::Required,
        Some(when_absent) if is_create && when_absent.send.is_none() => Role::OrNull,
        _ => Role::Optional,
    }
}

impl Member<'_> {
    fn ident(&self) -> Ident {
        names::variable(&self.field.name)
    }

    fn is_option(&self) -> bool {
        matches!(self.role, Role::Optional | Role::OrNull)
    }

    fn declaration(&self, docs: &TokenStream) -> TokenStream {
        let ident = self.ident();
        let kind = kind(self.field.kind);
        match self.role {
            Role::Path => quote! { #docs #[serde(skip)] pub #ident: #kind },
            Role::Required => quote! { #docs pub #ident: #kind },
            Role::OrNull => quote! { #docs pub #ident: Option<#kind> },
            Role::Optional => {
                quote! { #docs #[serde(skip_serializing_if = "Option::is_none")] pub #ident: Option<#kind> }
            }
        }
    }

    fn initial(&self) -> TokenStream {
        let ident = self.ident();
        if self.is_option() {
            quote! { #ident: None }
        } else if self.field.kind == FieldType::String {
            quote! { #ident: #ident.into() }
        } else {
            quote! { #ident }
        }
    }

    fn read(&self) -> TokenStream {
        let ident = self.ident();
        let field = field::path(self.field);
        if self.is_option() {
            quote! { #ident: row.optional(#field) }
        } else {
            quote! { #ident: row.required(#field) }
        }
    }

    fn check(&self) -> TokenStream {
        let ident = self.ident();
        let field = field::path(self.field);
        if self.role == Role::Path {
            quote! { rules::path_segment(#field, &self.#ident, faults); }
        } else {
            quote! { rules::check(#field, &self.#ident, faults); }
        }
    }
}

impl Payload<'_> {
    fn structure(&self) -> TokenStream {
        let name = &self.name;
        let call = format!(
            "What {} sends: `{} {}`.",
            article(self.operation),
            self.operation.method.key(),
            self.operation.template
        );
        let docs = doc(&call);
        let members = self.members.iter().map(|member| {
            let docs = doc(&format!("{}{}", sentence(&member.field.description), self.rules(member)));
            member.declaration(&docs)
        });
        // clippy wants a `Default` where `new` takes nothing.
        let default = self.arguments().is_empty().then(|| quote! { Default, });
        quote! {
            #docs
            #[derive(Clone, #default Serialize)]
            #[non_exhaustive]
            pub struct #name { #(#members),* }
        }
    }

    fn constructor(&self) -> TokenStream {
        let name = &self.name;
        let docs = doc(&match self.operation.name {
            OperationName::Update => "An update that changes nothing yet.".to_owned(),
            _ => format!("{} with all that it needs and nothing else.", capitalised(article(self.operation))),
        });
        let arguments = self.arguments();
        let many = (arguments.len() > 7).then(|| {
            quote! { #[expect(clippy::too_many_arguments, reason = "the API needs them all")] }
        });
        let initial = self.members.iter().map(Member::initial);
        quote! {
            impl #name {
                #docs
                #many
                #[must_use]
                pub fn new(#(#arguments),*) -> Self {
                    Self { #(#initial),* }
                }
            }
        }
    }

    fn arguments(&self) -> Vec<TokenStream> {
        let needed = self.members.iter().filter(|member| !member.is_option());
        let argument = |member: &Member<'_>| {
            let (ident, kind) = (member.ident(), kind(member.field.kind));
            let is_text = member.field.kind == FieldType::String;
            if is_text {
                quote! { #ident: impl Into<String> }
            } else {
                quote! { #ident: #kind }
            }
        };
        needed.map(argument).collect()
    }

    fn implementation(&self) -> TokenStream {
        let name = &self.name;
        let object = names::type_name(&self.object.singular);
        let operation = names::constant(self.operation.name.key());
        let role = names::type_name(&format!("{}_payload", self.operation.name.key()));
        let read = self.members.iter().map(Member::read);
        let fill = self.members.iter().filter_map(|member| self.fill(member));
        let check = self.members.iter().map(Member::check);
        let groups = self.groups();
        let path = self.operation.path.iter().map(|segment| self.segment(segment));
        // Otherwise a compiler error about one payload lists the payloads of all other objects, in any order.
        quote! {
            impl Sealed for #name {}
            #[diagnostic::do_not_recommend]
            impl #role for #name {}
            impl Payload for #name {
                type Object = #object;
                const OPERATION: &'static Operation = &#operation;

                fn from_row(row: &mut RowReader<'_>) -> Self {
                    Self { #(#read),* }
                }

                fn fill_absent(&mut self) { #(#fill)* }

                fn check(&self, faults: &mut Faults) {
                    #(#check)*
                    #groups
                }

                fn path(&self, path: &mut PathBuilder) { #(#path)* }
            }
        }
    }

    fn fill(&self, member: &Member<'_>) -> Option<TokenStream> {
        let when_absent =
            member.field.when_absent.as_ref().filter(|_| self.operation.name == OperationName::Create)?;
        let send = when_absent.send.as_ref()?;
        let ident = member.ident();
        let unless = when_absent.unless.iter().filter_map(|index| self.presence(*index));
        Some(quote! { rules::fill_absent(&mut self.#ident, #send, &[#(#unless),*]); })
    }

    /// Whether the payload has a value for a field, if it carries the field at all.
    fn presence(&self, index: usize) -> Option<TokenStream> {
        let name = &self.object.fields.get(index)?.name;
        let member = self.members.iter().find(|member| member.field.name == *name)?;
        let ident = member.ident();
        Some(if member.is_option() {
            quote! { self.#ident.is_some() }
        } else {
            quote! { true }
        })
    }

    fn groups(&self) -> TokenStream {
        if self.operation.name != OperationName::Create {
            return TokenStream::new();
        }
        let groups = self.object.constraints.iter().enumerate().map(|(index, group)| {
            let name = names::one_of(index);
            let present = group.exactly_one_of.iter().filter_map(|index| self.presence(*index));
            quote! { rules::exactly_one_of(&#name, &[#(#present),*], faults); }
        });
        groups.collect()
    }

    fn segment(&self, segment: &Segment) -> TokenStream {
        match segment {
            Segment::Literal(text) => quote! { path.literal(#text); },
            Segment::Parameter(index) => {
                let ident = self.object.fields.get(*index).map(|field| names::variable(&field.name));
                quote! { path.parameter(&self.#ident); }
            }
        }
    }

    /// The rules for a value: ` Required; at most 100 characters.`
    fn rules(&self, member: &Member<'_>) -> String {
        let mut rules = Vec::new();
        match member.role {
            Role::Path => rules.push("it names the record in the path".to_owned()),
            Role::Required => rules.push("required".to_owned()),
            Role::OrNull => rules.push("sent as null where it is absent".to_owned()),
            Role::Optional => rules.extend(self.absence(member.field)),
        }
        rules.extend(limits(member.field));
        if rules.is_empty() { String::new() } else { format!(" {}.", capitalised(&rules.join("; "))) }
    }

    /// What happens where an optional field is absent.
    fn absence(&self, field: &Field) -> Option<String> {
        if self.operation.name != OperationName::Create {
            return None;
        }
        let index = self.object.fields.iter().position(|other| other.name == field.name)?;
        if let Some(group) =
            self.object.constraints.iter().find(|group| group.exactly_one_of.contains(&index))
        {
            let others = group.exactly_one_of.iter().filter(|other| **other != index);
            let others: Vec<String> = others.filter_map(|other| self.code(*other)).collect();
            return Some(format!("exactly one of this, {} has a value", others.join(", ")));
        }
        if field.derive {
            return Some("derived from the record key where it is absent".to_owned());
        }
        let when_absent = field.when_absent.as_ref()?;
        let send = when_absent.send.as_ref()?;
        let unless: Vec<String> = when_absent.unless.iter().filter_map(|other| self.code(*other)).collect();
        let unless = if unless.is_empty() {
            String::new()
        } else {
            format!(", unless {} is given", unless.join(" or "))
        };
        Some(format!("`{send}` where it is absent{unless}"))
    }

    fn code(&self, index: usize) -> Option<String> {
        self.object.fields.get(index).map(|field| format!("`{}`", field.name))
    }
}

fn article(operation: &Operation) -> &'static str {
    match operation.name {
        OperationName::Create => "a create",
        OperationName::Update => "an update",
        OperationName::List => "a list",
    }
}

/// The Rust type of a field's values.
fn kind(kind: FieldType) -> TokenStream {
    match kind {
        FieldType::String => quote! { String },
        FieldType::Integer | FieldType::Timestamp => quote! { i64 },
        FieldType::Boolean => quote! { bool },
        FieldType::Date => quote! { Date },
        FieldType::Strings => quote! { Vec<String> },
        FieldType::Map => quote! { Map },
        FieldType::CustomFields => quote! { Vec<CustomField> },
    }
}
