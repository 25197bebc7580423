//! The pace: when the next request may leave, in this process and in all of this machine.

pub(crate) mod bucket;
pub(crate) mod permits;
pub(crate) mod shared;

pub use self::bucket::{Bucket, Slot};
pub use self::permits::{Answered, Pace, Permit};
pub use self::shared::{SharedPace, SharedPaceOptions};
