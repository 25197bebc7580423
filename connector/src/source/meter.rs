//! How far a source has been read, told to who only watches.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a source has been read.
#[derive(Clone, Default)]
pub struct Meter(Arc<Counts>);

#[derive(Default)]
struct Counts {
    /// Of the file; none for a stream.
    size: Option<u64>,
    bytes: AtomicU64,
    rows: AtomicU64,
    ended: AtomicBool,
}

/// How many rows a source has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// All were read.
    Rows(u64),
    /// So many if the others are as long as those before them.
    About(u64),
}

impl Total {
    /// The number.
    #[must_use]
    pub fn rows(self) -> u64 {
        match self {
            Self::Rows(rows) | Self::About(rows) => rows,
        }
    }
}

impl Meter {
    pub(super) fn of(size: Option<u64>) -> Self {
        Self(Arc::new(Counts { size, ..Counts::default() }))
    }

    /// The number of the last row that was read.
    pub(super) fn reached(&self, row: u64) {
        self.0.rows.store(row, Ordering::Relaxed);
    }

    /// There are no more rows.
    pub(super) fn end(&self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }

    /// How many rows were read, some of them ahead of what is done with them.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.rows.load(Ordering::Relaxed)
    }

    /// How many rows there are, as far as that can be told: nothing is known of a stream before it ends.
    #[must_use]
    pub fn total(&self) -> Option<Total> {
        let (rows, bytes) = (self.rows(), self.0.bytes.load(Ordering::Relaxed));
        if self.0.ended.load(Ordering::Relaxed) {
            return Some(Total::Rows(rows));
        }
        let size = self.0.size.filter(|size| *size >= bytes && bytes > 0 && rows > 0)?;
        let about = u128::from(rows) * u128::from(size) / u128::from(bytes);
        u64::try_from(about).ok().map(|about| Total::About(about.max(rows)))
    }
}

/// A reader whose bytes are counted.
pub(super) struct Metered<R> {
    pub(super) reader: R,
    pub(super) meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(out)?;
        self.meter.0.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
