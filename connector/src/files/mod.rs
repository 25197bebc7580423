//! Files of the user: which is which, and how an output is written without harm to any of them.
//!
//! Two names are one file where device and inode are the same: links, `./x`, another case. An output is written beside its
//! place, synced and renamed, and then its folder is synced. Devices, pipes and open descriptors are written through.

pub mod folder;
pub mod identity;
pub mod inode_lock;
pub mod output;
pub mod private;
pub mod spool;
mod stream;
