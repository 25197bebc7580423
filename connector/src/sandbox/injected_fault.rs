//! Faults for rehearsals: what goes wrong with a request, how often, and whether before or after its effect.

use std::fmt;
use std::str::FromStr;

use fastrand::Rng;

use super::reply::{Delivery, Envelope, ErrorReply};
use crate::api::ApiSpec;

/// Something that goes wrong with a share of the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InjectedFault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The share: requests in a thousand, at most 1000.
    pub permille: u16,
}

impl FromStr for InjectedFault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (name, permille) = text.split_once(':')?;
            let kind = FaultKind::ALL.into_iter().find(|kind| kind.name() == name)?;
            let permille = permille.parse().ok().filter(|permille| *permille <= EVERY_REQUEST)?;
            Some(Self { kind, permille })
        };
        parse().ok_or_else(|| ParseFaultError { text: text.to_owned() })
    }
}

/// The text is not a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFaultError {
    text: String,
}

impl std::error::Error for ParseFaultError {}

impl fmt::Display for ParseFaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = FaultKind::ALL.map(FaultKind::name).join(", ");
        write!(
            f,
            "`{}` is not KIND:PERMILLE, such as `reset-after:50` for 50 requests in a thousand; the kinds are {kinds}",
            self.text
        )
    }
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The connection ends without an answer, and nothing was done.
    ResetBefore,
    /// The connection ends without an answer, but it was done.
    ResetAfter,
    /// No answer ever comes, and nothing was done.
    TimeoutBefore,
    /// No answer ever comes, but it was done.
    TimeoutAfter,
    /// Status 500, and nothing was done.
    ErrorBefore,
    /// Status 500, but it was done.
    ErrorAfter,
    /// Status 503, and nothing was done.
    UnavailableBefore,
    /// Status 429 without `Retry-After`, and nothing was done.
    Throttled,
    /// It was done, but only half of the answer arrives.
    Truncate,
    /// It was done, but the answer is a web page with status 200.
    Html,
    /// It was done, but the answer with status 200 is empty.
    Empty,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::ResetBefore,
        Self::ResetAfter,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::UnavailableBefore,
        Self::Throttled,
        Self::Truncate,
        Self::Html,
        Self::Empty,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
            Self::TimeoutBefore => "timeout-before",
            Self::TimeoutAfter => "timeout-after",
            Self::ErrorBefore => "500-before",
            Self::ErrorAfter => "500-after",
            Self::UnavailableBefore => "503-before",
            Self::Throttled => "429",
            Self::Truncate => "truncate",
            Self::Html => "html",
            Self::Empty => "empty",
        }
    }

    /// What the client sees, and whether `handle` takes effect before.
    pub(super) fn apply(self, api: &ApiSpec, handle: impl FnOnce() -> Envelope) -> Delivery {
        let refusal = |status, message| Delivery::Whole(ErrorReply::new(status, message).into_envelope(api));
        match self {
            Self::ResetBefore => Delivery::Closed,
            Self::ResetAfter => {
                handle();
                Delivery::Closed
            }
            Self::TimeoutBefore => Delivery::Silence,
            Self::TimeoutAfter => {
                handle();
                Delivery::Silence
            }
            Self::ErrorBefore => refusal(500, "Internal Server Error"),
            Self::ErrorAfter => {
                handle();
                refusal(500, "Internal Server Error")
            }
            Self::UnavailableBefore => refusal(503, "Service Unavailable"),
            Self::Throttled => refusal(429, "Too Many Requests"),
            Self::Truncate => Delivery::Half(handle()),
            Self::Html => {
                handle();
                Delivery::Page("<!DOCTYPE html><html><body><h1>We will be right back</h1></body></html>")
            }
            Self::Empty => {
                handle();
                Delivery::Page("")
            }
        }
    }
}

/// The permille of a fault that hits everything.
const EVERY_REQUEST: u16 = 1000;

/// Draws, for each request, what goes wrong with it.
#[derive(Debug)]
pub(super) struct Dice {
    faults: Vec<InjectedFault>,
    random: Rng,
}

impl Dice {
    /// None where the faults hit more than every request.
    pub(super) fn new(faults: Vec<InjectedFault>, seed: u64) -> Option<Self> {
        let total: u64 = faults.iter().map(|fault| u64::from(fault.permille)).sum();
        (total <= u64::from(EVERY_REQUEST)).then(|| Self { faults, random: Rng::with_seed(seed) })
    }

    pub(super) fn roll(&mut self) -> Option<FaultKind> {
        let mut drawn = self.random.u16(..EVERY_REQUEST);
        for fault in &self.faults {
            match drawn.checked_sub(fault.permille) {
                None => return Some(fault.kind),
                Some(rest) => drawn = rest,
            }
        }
        None
    }
}
