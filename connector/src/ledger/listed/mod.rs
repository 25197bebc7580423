//! Records of the API's lists, kept while rows are compared with them.

pub(super) mod record;
pub(super) mod records;
