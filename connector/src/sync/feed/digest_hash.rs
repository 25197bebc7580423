//! Hashes keys that are digests already: their own bytes are as good as any hash of them.

use std::hash::{BuildHasherDefault, Hasher};

/// The state of a map or set whose keys are digests.
pub(crate) type ByDigest = BuildHasherDefault<DigestHasher>;

/// Takes the bytes of a digest as its hash.
#[derive(Default)]
pub(crate) struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (byte, to) in chunk.iter().zip(&mut word) {
                *to = *byte;
            }
            // Digests are long enough for one word to tell them apart; a length in front of them changes nothing.
            self.0 = self.0.rotate_left(32) ^ u64::from_le_bytes(word);
        }
    }

    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
