//! The command with which a run goes on that was refused: the same one, with other flags for the account.

use std::ffi::OsString;

use crate::error::SetupError;
use crate::run::not_ready::GoOn;

const ACCOUNT: &str = "--account";
const ROTATED_KEY: &str = "--rotated-key";

/// The error with the one command to go on with, if there is one.
pub(super) fn with_command(error: SetupError, go_on: Option<&GoOn>, arguments: &[OsString]) -> SetupError {
    let Some(go_on) = go_on else { return error };
    error.help(format_args!("go on with: {}", command(go_on, arguments)))
}

fn command(go_on: &GoOn, arguments: &[OsString]) -> String {
    let GoOn { account, rotated_key } = go_on;
    let mut words = vec!["partnerstack".to_owned()];
    let mut given = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
    while let Some(word) = given.next() {
        if word == ACCOUNT {
            given.next();
        } else if word != ROTATED_KEY && !word.starts_with("--account=") {
            words.push(quoted(&word));
        }
    }
    words.extend([ACCOUNT.to_owned(), quoted(account)]);
    words.extend(rotated_key.then(|| ROTATED_KEY.to_owned()));
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,%+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
