//! The sync modes, as values and as types.

use std::fmt;

use super::sealed::Sealed;

/// What a sync does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Create records.
    Insert,
    /// Change records that exist.
    Update,
    /// Change records that exist, create those that are missing.
    Upsert,
}

impl Mode {
    /// Every mode, in the order of the matrix.
    pub const ALL: [Self; 3] = [Self::Insert, Self::Update, Self::Upsert];

    /// The name on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Upsert => "upsert",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A mode as a type, so that the compiler can refuse a pair that is not allowed.
pub trait SyncMode: Sealed {
    /// The mode as a value.
    const MODE: Mode;
}

/// [`Mode::Insert`] as a type.
#[derive(Clone, Copy, Debug)]
pub enum Insert {}
/// [`Mode::Update`] as a type.
#[derive(Clone, Copy, Debug)]
pub enum Update {}
/// [`Mode::Upsert`] as a type.
#[derive(Clone, Copy, Debug)]
pub enum Upsert {}

impl Sealed for Insert {}
impl Sealed for Update {}
impl Sealed for Upsert {}

impl SyncMode for Insert {
    const MODE: Mode = Mode::Insert;
}
impl SyncMode for Update {
    const MODE: Mode = Mode::Update;
}
impl SyncMode for Upsert {
    const MODE: Mode = Mode::Upsert;
}
