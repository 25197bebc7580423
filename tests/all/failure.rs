//! The built command on bad days: killed, cut off, throttled, misled. After each, the server's own record says whether
//! anything was lost, doubled, or put in the wrong order.
//!
//! Every test here is quick; those behind `#[ignore = "full scale"]` are not (`cargo test failure:: -- --ignored`). Where a
//! run of the command is cut short at random, the seed stands in the test.
#![cfg(test)]

mod account;
mod again;
mod backdated;
pub(crate) mod binary;
mod both;
mod client;
mod clock;
mod desk;
mod duplicates;
mod faults;
mod full;
mod judge;
mod kill;
mod lag;
mod left;
mod outage;
mod pace;
mod planted;
pub(crate) mod process;
mod quota;
mod record_key;
mod rows;
mod server_faults;
mod server_itself;
mod throttle;
