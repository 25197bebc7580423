//! What a mapping does with the value of a column before its cast: a template, a part of it, a translation.

pub(crate) mod split;
pub(crate) mod template;
pub(crate) mod transforms;
pub(crate) mod translate;

pub use self::split::{Split, Take};
pub use self::template::Template;
pub use self::transforms::{Transforms, WhenNull};
pub use self::translate::{Translation, UNTRANSLATED};
