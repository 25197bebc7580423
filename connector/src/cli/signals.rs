//! The signals that ask the program to stop.

use crate::run::exit::of_signal;
use crate::sync::Interrupt;

/// Turns the first signal into a request to stop at the next safe point; the second ends the program.
#[cfg(unix)]
pub(super) async fn listen(interrupt: &Interrupt) -> u8 {
    let Ok(mut signals) = Signals::listen() else { return std::future::pending().await };
    interrupt.raise(signals.next().await);
    of_signal(signals.next().await)
}

/// SIGINT, SIGTERM, and SIGHUP, which is taken for a SIGTERM.
#[cfg(unix)]
struct Signals {
    int: tokio::signal::unix::Signal,
    term: tokio::signal::unix::Signal,
    hup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hup = (!ignores_hangup()).then(|| signal(SignalKind::hangup())).transpose()?;
        Ok(Self { int: signal(SignalKind::interrupt())?, term: signal(SignalKind::terminate())?, hup })
    }

    async fn next(&mut self) -> i32 {
        let hangup = async {
            match &mut self.hup {
                Some(hup) => hup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.int.recv() => 2,
            _ = self.term.recv() => 15,
            _ = hangup => 15,
        }
    }
}

/// The program was started so that it outlives its terminal (nohup). Only Linux tells; elsewhere SIGHUP keeps the effect
/// that it has.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let ignored = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    // The first bit is that of signal 1.
    ignored.is_none_or(|mask| mask & 1 == 1)
}

/// Elsewhere only the keyboard interrupts.
#[cfg(not(unix))]
pub(super) async fn listen(interrupt: &Interrupt) -> u8 {
    const INT: i32 = 2;
    for _ in 0..2 {
        if tokio::signal::ctrl_c().await.is_err() {
            return std::future::pending().await;
        }
        interrupt.raise(INT);
    }
    of_signal(INT)
}
