//! The engine of a sync: it reads rows ahead, decides what each one needs, sends it, and settles what is not certain.
//!
//! | room | what is in it |
//! |---|---|
//! | `setup` | what a sync is told: the job and its limits, who listens, what interrupts it |
//! | `feed` | rows are read and planned on threads of their own, a little ahead |
//! | `shared` | what the rows of one sync share |
//! | `settling` | lookups: what became of a create without a clear answer |
//! | `row` | the way of one row: decide, write the intent down, send, write down what came of it |
//! | `rows` | the loop over rows: their order, and what became of each |

mod feed;
mod row;
mod rows;
mod settling;
mod setup;
mod shared;

pub use self::rows::run_loop::{World, run};
pub use self::setup::interrupt::Interrupt;
pub use self::setup::job::{Job, JobParts};
pub(crate) use self::setup::job::{check_full, identity_named, steps_of};
pub use self::setup::limits::Limits;
pub use self::setup::listener::Listener;
pub use self::setup::patience::Patience;
