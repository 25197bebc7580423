//! What the build made out of the spec; `cargo spec print` shows it.

include!(concat!(env!("OUT_DIR"), "/generated/mod.rs"));
