//! The built command on bad days: killed, cut off, throttled, misled. After each, the server's own record says whether
//! anything was lost, doubled, or put in the wrong order.
//!
//! Every test here is quick; those behind `#[ignore = "full scale"]` are not (`cargo test failure:: -- --ignored`). Where a
//! run of the command is cut short at random, the seed stands in the test.
#![cfg(test)]

mod broken_walks;
mod clock_set_while_settling;
mod duplicates;
mod evidence_over_runs;
mod faults;
mod full_scale;
mod judges_themselves;
mod kills;
mod kills_and_faults;
mod kills_between_awaits;
mod list_lag;
mod more_than_can_wait;
mod outage_or_not;
mod outages;
mod quota;
mod record_key;
mod records_of_the_past;
mod rows_gone_from_input;
mod second_run;
mod server_faults;
mod server_itself;
mod thousand_kills;
mod throttled_for_long;
mod throttling;
mod what_is_known;
mod whose_ledger;
mod wrong_clocks;
