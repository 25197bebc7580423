//! What must not compile: each file in `tests/compile_fail` with what the compiler says to it.
//!
//! `TRYBUILD=overwrite cargo test compile_fail` writes what it says now; read it as somebody would who sees it for the first
//! time.
#![cfg(test)]

#[test]
fn what_is_wrong_does_not_compile_and_the_message_says_why() {
    let _limit = partnerstack_tests::limit();
    // In a target folder of its own below this one's: the first time it checks the dependencies once more.
    trybuild::TestCases::new().compile_fail("compile_fail/*.rs");
}
