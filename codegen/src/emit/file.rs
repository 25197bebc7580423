//! Puts a file together: header, imports, and items with blank lines between them.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};

use crate::names::Imports;

/// Something at the top of a file.
pub(super) enum Item {
    /// An item whose names are looked up in the imports.
    Code(TokenStream),
    /// An item that only declares names of its own.
    Declaration(TokenStream),
    /// A module with imports of its own.
    Module {
        /// `/// What it is.` and `pub mod name`, without the braces.
        head: String,
        imports: Imports,
        items: Vec<Item>,
    },
}

/// A file that begins with `header`, a sentence for its `//!`.
pub(super) fn render(header: &str, imports: Imports, items: &[Item]) -> String {
    format!("//! {header}\n\n{}\n", body(imports, items).join("\n\n"))
}

fn body(imports: Imports, items: &[Item]) -> Vec<String> {
    let mut parts = Vec::new();
    let mut named = BTreeSet::new();
    for item in items {
        if let Item::Code(tokens) = item {
            collect(tokens.clone(), &mut named);
        }
    }
    let used = use_lines(imports, &named);
    if !used.is_empty() {
        parts.push(used);
    }
    for item in items {
        parts.push(match item {
            Item::Code(tokens) | Item::Declaration(tokens) => format(tokens),
            Item::Module { head, imports, items } => {
                format!("{head} {{\n{}\n}}", indent(&body(imports, items).join("\n\n")))
            }
        });
    }
    parts
}

/// Tokens that are no Rust would be a mistake of this crate. They are written as they are, and rustc says what is wrong.
fn format(tokens: &TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens.clone()) {
        Ok(file) => file.items.into_iter().map(format_item).collect::<Vec<_>>().join("\n"),
        Err(_) => tokens.to_string(),
    }
}

/// An item, with blank lines between the functions of an `impl`.
fn format_item(item: syn::Item) -> String {
    let mut file = syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] };
    let members = replace_members(&mut file, Vec::new());
    let empty = prettyplease::unparse(&file).trim_end().to_owned();
    let Some(head) = empty.strip_suffix('}').filter(|_| !members.is_empty()) else { return empty };
    let mut text = head.to_owned();
    for (index, member) in members.into_iter().enumerate() {
        let gap = if index > 0 && matches!(member, syn::ImplItem::Fn(_)) { "\n\n" } else { "\n" };
        replace_members(&mut file, vec![member]);
        let alone = prettyplease::unparse(&file);
        let inner =
            alone.strip_prefix(head).map(|rest| rest.trim_end().trim_end_matches('}')).unwrap_or_default();
        text.push_str(gap);
        text.push_str(inner.trim_matches('\n').trim_end());
    }
    text + "\n}"
}

/// The members of an `impl`; none of any other item.
fn replace_members(file: &mut syn::File, members: Vec<syn::ImplItem>) -> Vec<syn::ImplItem> {
    match file.items.first_mut() {
        Some(syn::Item::Impl(block)) => std::mem::replace(&mut block.items, members),
        _ => Vec::new(),
    }
}

fn indent(text: &str) -> String {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!("    {line}") });
    lines.collect::<Vec<_>>().join("\n")
}

/// The names that need an import: types and values without a path before them, and modules at the beginning of a path.
fn collect(tokens: TokenStream, named: &mut BTreeSet<String>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_colon =
        |tree: Option<&TokenTree>| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let is_path = |at: Option<usize>| {
        at.is_some_and(|at| {
            is_colon(trees.get(at)) && at.checked_add(1).is_some_and(|next| is_colon(trees.get(next)))
        })
    };
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => collect(group.stream(), named),
            TokenTree::Ident(ident) if !is_path(index.checked_sub(2)) => {
                let ident = ident.to_string();
                let is_type = ident.starts_with(|c: char| c.is_ascii_uppercase());
                if is_type || is_path(Some(index + 1)) {
                    named.insert(ident);
                }
            }
            _ => {}
        }
    }
}

/// `use crate::spec::{A, B};` for what is named, in the order of rustfmt.
fn use_lines(imports: Imports, named: &BTreeSet<String>) -> String {
    let mut by_path: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
    for (name, path) in imports.iter().filter(|(name, _)| named.contains(*name)) {
        // A module is imported from itself: `use crate::mode::{self, Mode}`.
        let name = if path.ends_with(&format!("::{name}")) && !is_function(name) { "self" } else { name };
        by_path.entry((path.starts_with("crate"), path)).or_default().push(name);
    }
    let mut lines = Vec::new();
    let mut last_is_local = None;
    for ((is_local, path), names) in by_path {
        if last_is_local.is_some_and(|last| last != is_local) {
            lines.push(String::new());
        }
        last_is_local = Some(is_local);
        lines.push(match names.as_slice() {
            ["self"] => format!("use {path};"),
            [name] => format!("use {path}::{name};"),
            several => wrap_use(path, several),
        });
    }
    lines.join("\n")
}

/// One line if it fits, else as rustfmt breaks it.
fn wrap_use(path: &str, names: &[&str]) -> String {
    let line = format!("use {path}::{{{}}};", names.join(", "));
    if line.len() <= 100 {
        return line;
    }
    let mut lines = vec![format!("use {path}::{{"), "    ".to_owned()];
    for name in names {
        let last = lines.last().map_or(0, String::len);
        if last + name.len() + 2 > 100 {
            lines.push("    ".to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(if line.ends_with(',') { " " } else { "" });
            line.push_str(name);
            line.push(',');
        }
    }
    lines.push("};".to_owned());
    lines.join("\n")
}

/// The one function that has the name of its module.
fn is_function(name: &str) -> bool {
    name == "prepare"
}
