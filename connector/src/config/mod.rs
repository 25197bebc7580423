//! What people write about a sync: flags, environment and sync file, each of them a [`Given`], and the [`Settings`] that
//! they come to.
//!
//! ```text
//! flags -----------+
//! environment -----+--> Given, the first that says something counts --> Settings, with all defaults
//! sync file -------+
//! ```

mod bounds;
#[cfg(feature = "sync-file")]
pub(crate) mod cast_keys;
#[cfg(feature = "sync-file")]
mod either;
pub(crate) mod environment;
#[cfg(feature = "sync-file")]
pub(crate) mod feed_keys;
pub(crate) mod given;
#[cfg(feature = "sync-file")]
pub(crate) mod guard_keys;
mod key_source;
#[cfg(feature = "sync-file")]
pub(crate) mod keys;
#[cfg(feature = "sync-file")]
pub(crate) mod row_tests;
pub(crate) mod settings;
#[cfg(feature = "sync-file")]
pub(crate) mod sync_file;
#[cfg(feature = "sync-file")]
pub(crate) mod where_keys;

pub use self::environment::Environment;
pub use self::given::{Given, NewLedger, Setting, SourcePlace};
#[cfg(feature = "sync-file")]
pub use self::row_tests::row_test::{Expected, ExpectedError, ExpectedRequest, RowTest, TestRow};
pub use self::settings::{Settings, TargetSettings};
#[cfg(feature = "sync-file")]
pub use self::sync_file::{carets, load, load_tests};
