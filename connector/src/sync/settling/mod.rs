//! Lookups: what became of a create without a clear answer, and which record a row without a key means.

pub(in crate::sync) mod evidence;
pub(in crate::sync) mod leftovers;
pub(in crate::sync) mod lookup;
pub(in crate::sync) mod lookup_window;
pub(in crate::sync) mod proof;
pub(in crate::sync) mod settle;
pub(in crate::sync) mod walk;
