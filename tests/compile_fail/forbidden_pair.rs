//! The matrix of modes is made of types, for code of one's own that is generic.

use partnerstack_connector::generated::transaction::Transaction;
use partnerstack_connector::api::mode::{Insert, SyncMode, Update, Upsert};
use partnerstack_connector::api::object::Allows;

fn calls<O: Allows<M>, M: SyncMode>() -> usize {
    O::STEPS.len()
}

fn main() {
    calls::<Transaction, Insert>();
    calls::<Transaction, Update>();
    calls::<Transaction, Upsert>();
}
