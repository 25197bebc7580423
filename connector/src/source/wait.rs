//! Calls a function before each read, which may have to wait.

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

/// The function that is called before each read, once there is one.
pub(super) type Hook = Arc<OnceLock<Box<dyn Fn() + Send + Sync>>>;

/// A reader that calls the hook before each read.
pub(super) struct Announcing<R> {
    pub(super) reader: R,
    pub(super) hook: Hook,
}

impl<R: Read> Read for Announcing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(hook) = self.hook.get() {
            hook();
        }
        self.reader.read(out)
    }
}
