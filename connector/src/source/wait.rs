//! Says so before each read that may have to wait.

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

/// What is done before each read, once somebody has asked for it.
pub(super) type Hook = Arc<OnceLock<Box<dyn Fn() + Send + Sync>>>;

/// A reader that has something done before each read.
pub(super) struct Announcing {
    pub(super) reader: Box<dyn Read + Send>,
    pub(super) hook: Hook,
}

impl Read for Announcing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(hook) = self.hook.get() {
            hook();
        }
        self.reader.read(out)
    }
}
