//! The pace that processes share: a small file which each of them locks for as long as it takes a turn.
//!
//! It holds when the next request may leave and until when the server takes none, for each host and quota, by the clock of
//! the machine. A process that dies holds nothing back: a turn is taken when it is used.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::bucket::{Bucket, Slot};

/// The first bytes of such a file.
const MARK: &[u8] = b"partnerstack pace\n";
/// How many hosts and quotas a file holds; the one that was used longest ago makes room.
const ENTRIES: usize = 32;
/// Their name, the time of the next request and the time until which none leaves.
const ENTRY: usize = 24;
/// A lock is held for a few microseconds, so it is tried again at once so often ...
const TRIES: u32 = 20;
/// ... and then after this time.
const LOCKED: Duration = Duration::from_millis(1);
/// A process that holds it for longer stands still, and sends nothing.
const STUCK: Duration = Duration::from_secs(1);

/// Which pace a process shares with others.
#[derive(Debug, Clone)]
pub struct SharedPaceOptions {
    /// The files, which are made where they are missing. Processes that name one of them share it.
    pub files: Vec<PathBuf>,
    /// The host whose quota it is.
    pub host: String,
    /// The most requests in a window: of this run, and of the API where that is more.
    pub quotas: Vec<u32>,
    /// The window.
    pub window: Duration,
    /// What random times are drawn from.
    pub seed: u64,
}

/// A pace that processes share.
#[derive(Debug)]
pub struct SharedPace {
    files: Vec<File>,
    buckets: Vec<(u64, Bucket)>,
    window: Duration,
    waits: Mutex<Waits>,
}

#[derive(Debug)]
struct Waits {
    random: fastrand::Rng,
    /// Since when a file is locked by another process.
    locked_since: Option<Duration>,
}

/// Why there is no turn now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoTurn {
    /// There is one after this time.
    Yet(Duration),
    /// The server takes no requests for this time.
    Closed(Duration),
}

/// What processes share of one host and quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Shared {
    slot: Slot,
    closed_until: Duration,
}

impl SharedPace {
    /// Opens the files; those that cannot be opened are left out.
    #[must_use]
    pub fn open(options: SharedPaceOptions) -> Self {
        let SharedPaceOptions { mut files, host, quotas, window, seed } = options;
        // Everyone locks them in the same order.
        files.sort();
        files.dedup();
        let files = files.iter().filter_map(|path| open(path).ok().flatten()).collect();
        let waits = Mutex::new(Waits { random: fastrand::Rng::with_seed(seed), locked_since: None });
        let bucket = |quota: &u32| (name(&host, *quota), Bucket::new(*quota, window));
        Self { files, buckets: quotas.iter().map(bucket).collect(), window, waits }
    }

    /// Takes a turn now; with `spend`, all that was saved up goes with it.
    pub(super) fn take(&self, now: Duration, spend: bool) -> Result<(), NoTurn> {
        let taken = self.with(now, |shared| {
            let closed = shared.iter().map(|(_, shared)| shared.closed_until.saturating_sub(now)).max();
            if let Some(closed) = closed.filter(|closed| !closed.is_zero()) {
                // Longer than a window it was not written: the clock was set back.
                return Err(NoTurn::Closed(closed.min(self.window)));
            }
            let turn = shared.iter().map(|(bucket, shared)| bucket.turn(shared.slot, now)).max();
            if let Some(turn) = turn.filter(|turn| *turn > now) {
                return Err(NoTurn::Yet(turn.saturating_sub(now) + self.later()));
            }
            for (bucket, shared) in shared {
                let take = if spend { Bucket::spend } else { Bucket::take };
                take(bucket, &mut shared.slot, now);
            }
            Ok(())
        });
        taken.unwrap_or(Err(NoTurn::Yet(LOCKED)))
    }

    /// Processes that wait for the same turn do not come for it all at once, so each of them has its share.
    fn later(&self) -> Duration {
        let most = self.buckets.iter().map(|(_, bucket)| bucket.slack()).min().unwrap_or_default();
        most.mul_f64(self.waits().random.f64())
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        // Nothing is left half done where a holder could panic.
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `count` turns more, for requests that may have been held up and leave only now.
    pub(super) fn add(&self, now: Duration, count: usize) {
        self.with(now, |shared| {
            for (bucket, shared) in shared {
                bucket.add(&mut shared.slot, now, count);
            }
        });
    }

    /// The server asks to wait so long. What is longer than a window each process asks for itself.
    pub(super) fn close(&self, now: Duration, pause: Duration) {
        let until = now.saturating_add(pause.min(self.window));
        self.with(now, |shared| {
            for (_, shared) in shared {
                shared.closed_until = shared.closed_until.max(until);
            }
        });
    }

    /// Changes what is shared; none where another process holds it.
    fn with<T>(&self, now: Duration, change: impl FnOnce(&mut [(Bucket, Shared)]) -> T) -> Option<T> {
        let mut locked = Vec::with_capacity(self.files.len());
        for file in &self.files {
            locked.push(self.lock(file, now)?);
        }
        let mut entries: Vec<Entries> = locked.iter().map(|file| Entries::read(file)).collect();
        let mut shared = Vec::with_capacity(entries.len() * self.buckets.len());
        for (name, bucket) in &self.buckets {
            for entries in &entries {
                let fresh = || Shared { slot: bucket.empty(now), closed_until: Duration::ZERO };
                shared.push((*bucket, entries.get(*name).unwrap_or_else(fresh)));
            }
        }
        let output = change(&mut shared);
        let mut changed = shared.into_iter();
        for (name, _) in &self.buckets {
            for (entries, file) in entries.iter_mut().zip(&locked) {
                if let Some((_, shared)) = changed.next()
                    && entries.get(*name) != Some(shared)
                {
                    entries.set(*name, shared);
                    entries.write(file);
                }
            }
        }
        Some(output)
    }

    /// Locks a file. One that another process does not give back is used without.
    fn lock<'f>(&self, file: &'f File, now: Duration) -> Option<Locked<'f>> {
        let since = &mut self.waits().locked_since;
        for _ in 0..TRIES {
            match file.try_lock() {
                // Where files cannot be locked the pace is still kept, if not so well.
                Ok(()) | Err(TryLockError::Error(_)) => {
                    *since = None;
                    return Some(Locked(file));
                }
                Err(TryLockError::WouldBlock) => thread::yield_now(),
            }
        }
        let stuck = now.saturating_sub(*since.get_or_insert(now)) > STUCK;
        stuck.then_some(Locked(file))
    }
}

/// Opens a file of the pace; none where it is another file.
fn open(path: &Path) -> io::Result<Option<File>> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let mut start = Vec::with_capacity(MARK.len());
    (&mut file).take(MARK.len() as u64).read_to_end(&mut start)?;
    Ok((start.is_empty() || start == MARK).then_some(file))
}

/// A locked file.
struct Locked<'f>(&'f File);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // Where this fails the file was not locked.
        let _ = self.0.unlock();
    }
}

/// What a file holds.
struct Entries(Vec<(u64, Shared)>);

impl Entries {
    fn read(locked: &Locked<'_>) -> Self {
        let mut file = locked.0;
        let mut bytes = Vec::with_capacity(MARK.len() + ENTRIES * ENTRY);
        // What cannot be read is made anew.
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(4096).read_to_end(&mut bytes));
        let (entries, _) = bytes.strip_prefix(MARK).unwrap_or_default().as_chunks::<ENTRY>();
        let entry = |bytes: &[u8; ENTRY]| {
            let (numbers, _) = bytes.as_chunks::<8>();
            let number = |at: usize| numbers.get(at).map_or(0, |bytes| u64::from_le_bytes(*bytes));
            let shared = Shared {
                slot: Slot { next: Duration::from_micros(number(1)) },
                closed_until: Duration::from_micros(number(2)),
            };
            (number(0), shared)
        };
        Self(read.map(|_| entries.iter().take(ENTRIES).map(entry).collect()).unwrap_or_default())
    }

    fn write(&self, locked: &Locked<'_>) {
        let mut file = locked.0;
        let mut bytes = MARK.to_vec();
        for (name, Shared { slot, closed_until }) in &self.0 {
            let microseconds = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
            for number in [*name, microseconds(slot.next), microseconds(*closed_until)] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
        // A pace that cannot be shared is still kept by each process.
        let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&bytes));
    }

    fn get(&self, name: u64) -> Option<Shared> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, shared)| *shared)
    }

    fn set(&mut self, name: u64, shared: Shared) {
        if let Some((_, known)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            *known = shared;
        } else if self.0.len() < ENTRIES {
            self.0.push((name, shared));
        } else if let Some(oldest) = self.0.iter_mut().min_by_key(|(_, shared)| shared.slot.next) {
            *oldest = (name, shared);
        }
    }
}

/// What a host and quota are called in a file.
fn name(host: &str, quota: u32) -> u64 {
    let hash = blake3::hash(format!("{quota} {host}").as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
