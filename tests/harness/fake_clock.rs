//! A clock for tests that takes no time, and a waker that says whether there is something to do.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use partnerstack_connector::clock::Clock;

/// When the clock of the tests begins, in epoch milliseconds.
pub(crate) const EPOCH: i64 = 1_772_323_200_000;

/// A clock that stands still until it is told to go on to the next time that somebody waits for.
#[derive(Default)]
pub struct FakeClock {
    now: Cell<Duration>,
    /// How far it was set, in milliseconds.
    set: Cell<i64>,
    alarms: RefCell<Vec<Alarm>>,
    next: Cell<u64>,
}

struct Alarm {
    number: u64,
    at: Duration,
    waker: Waker,
}

impl FakeClock {
    /// Sets it ahead or, below zero, back by so many milliseconds: what time it is, not how much has passed.
    pub fn set_by(&self, milliseconds: i64) {
        self.set.set(self.set.get() + milliseconds);
    }

    /// Lets time pass while nobody waits for it.
    pub fn pass(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    /// How much time has passed since it began.
    pub fn passed(&self) -> Duration {
        self.now.get()
    }

    /// The right time in epoch milliseconds, however the clock was set.
    pub fn true_milliseconds(&self) -> i64 {
        EPOCH + i64::try_from(self.now.get().as_millis()).unwrap()
    }

    /// Goes on to the next time that somebody waits for.
    pub(crate) fn advance(&self) {
        let next = self.alarms.borrow().iter().map(|alarm| alarm.at).min();
        let now = next.expect("everything waits, and nothing for the time").max(self.now.get());
        self.now.set(now);
        let due: Vec<Alarm> = self.alarms.borrow_mut().extract_if(.., |alarm| alarm.at <= now).collect();
        for alarm in due {
            alarm.waker.wake();
        }
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn epoch_milliseconds(&self) -> i64 {
        self.true_milliseconds() + self.set.get()
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> {
        let number = self.next.get();
        self.next.set(number + 1);
        Sleep { clock: self, number, until: self.now.get() + time }
    }
}

struct Sleep<'c> {
    clock: &'c FakeClock,
    number: u64,
    until: Duration,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now.get() >= self.until {
            return Poll::Ready(());
        }
        let mut alarms = self.clock.alarms.borrow_mut();
        alarms.retain(|alarm| alarm.number != self.number);
        alarms.push(Alarm { number: self.number, at: self.until, waker: context.waker().clone() });
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.clock.alarms.borrow_mut().retain(|alarm| alarm.number != self.number);
    }
}

/// Says whether a future was woken, and wakes the thread that polls it.
pub(crate) struct Woken {
    flag: AtomicBool,
    thread: Thread,
}

impl Woken {
    /// For futures that this thread polls.
    pub(crate) fn here() -> Arc<Self> {
        Arc::new(Self { flag: AtomicBool::new(false), thread: thread::current() })
    }

    /// The future is about to be polled.
    pub(crate) fn forget(&self) {
        self.flag.store(false, Ordering::SeqCst);
    }

    /// The future was woken since.
    pub(crate) fn is_so(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.flag.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}
