//! Literals of Rust.

use proc_macro2::{Literal, Punct, Spacing, TokenStream};
use quote::{ToTokens, quote};

use crate::output::digits::group;

/// `Some(value)` or `None`.
pub(super) fn option<T: ToTokens>(value: Option<T>) -> TokenStream {
    value.map_or_else(|| quote! { None }, |value| quote! { Some(#value) })
}

/// `&["a", "b"]`.
pub(super) fn list<T: ToTokens>(items: impl IntoIterator<Item = T>) -> TokenStream {
    let items = items.into_iter();
    quote! { &[#(#items),*] }
}

/// A number with `_` between its thousands, as people write it.
pub(super) fn number(number: i64) -> TokenStream {
    let digits = number.unsigned_abs().to_string();
    let literal = if digits.len() > 4 { group(&digits).parse().ok() } else { None };
    let literal = literal.unwrap_or_else(|| Literal::u64_unsuffixed(number.unsigned_abs()));
    let minus = (number < 0).then(|| Punct::new('-', Spacing::Alone));
    quote! { #minus #literal }
}
