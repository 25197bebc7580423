//! The engine of a sync: it reads rows ahead, decides what each one needs, sends it, and settles what is not certain.
//!
//! | room | what is in it |
//! |---|---|
//! | `setup` | what a sync is told: the job and its limits, who listens, what interrupts it |
//! | `feed` | rows are read and planned on threads of their own, a little ahead |
//! | `shared` | what the rows of one sync share |
//! | `settling` | lookups: what became of a create without a clear answer |
//! | `adopt` | rows whose records are in the list although the ledger does not know them |
//! | `row` | the way of one row: decide, write the intent down, send, write down what came of it |
//! | `rows` | the loop over rows: their order, and what became of each |
//! | `verify` | rows are held against the list, and nothing is sent that writes |
//!
//! [`crate::run`] puts a sync together out of settings; here it is done by hand, with the sandbox as the API:
//!
//! ```
//! # use std::io::Cursor;
//! # use std::sync::Arc;
//! use partnerstack_connector::api::mode::Mode;
//! use partnerstack_connector::clock::{Clock as _, SystemClock};
//! use partnerstack_connector::generated::API;
//! use partnerstack_connector::http::base_url::BaseUrl;
//! use partnerstack_connector::http::credentials::Credentials;
//! use partnerstack_connector::http::proxy::ProxySettings;
//! use partnerstack_connector::http::transport::HttpTransport;
//! use partnerstack_connector::http::wire::{Wire, WireLimits};
//! use partnerstack_connector::ledger::{Ledger, LedgerPlace, OpenOptions, ScopeName};
//! use partnerstack_connector::mapping::columns::Mapping;
//! use partnerstack_connector::mapping::filter::Filter;
//! use partnerstack_connector::mapping::record_key::{KeyRule, PrimaryKey};
//! use partnerstack_connector::report::outcome::Outcome;
//! use partnerstack_connector::sandbox::{Options, Sandbox};
//! use partnerstack_connector::source::{Input, Source, SourceOptions};
//! use partnerstack_connector::sync::{self, Interrupt, Job, JobParts, Limits, Patience, World};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rows = "customer_key,email,partner_key\nc-1,ada@example.com,gstest\nc-2,not an address,gstest\n";
//! let source = Source::open(Input::Stdin(Box::new(Cursor::new(rows))), &SourceOptions::default())?;
//!
//! // What is synced. `Job::new` refuses what cannot work.
//! let object = API.object("customers").ok_or("no such object")?;
//! let mapping = Mapping::resolve(object, None, &[], source.columns())?;
//! let filter = Filter::default();
//! let keys = KeyRule::resolve(&PrimaryKey::Identity, source.columns(), &mapping)?;
//! let columns = source.columns().map(<[String]>::to_vec);
//! let (account, limits) = ("sandbox".to_owned(), Limits::default());
//! let mode = Mode::Insert;
//! let match_on = None;
//! let job =
//!     Job::new(JobParts { api: &API, object, mode, columns, mapping, keys, filter, match_on, account, limits })?;
//!
//! // Where it goes, and what remembers it.
//! let (sandbox, clock) = (Sandbox::start(&API, Options::default())?, SystemClock::default());
//! let (base_url, keys) = (BaseUrl::parse(sandbox.base_url())?, Credentials::new("sandbox", "sandbox"));
//! let (timeout, proxies) = (job.limits.timeout, ProxySettings::default());
//! let transport = HttpTransport::new(&API, &base_url, &keys, timeout, &proxies)?;
//! let limits = WireLimits { quota: job.limits.quota(&API), concurrency: 8, seed: 1 };
//! let wire = Wire::new(&API, transport, clock, limits);
//! let now = clock.epoch_milliseconds();
//! let options = OpenOptions {
//!     place: LedgerPlace::Temporary, digest_key_file: None, require: false, read_only: false, now,
//! };
//! let ledger = Ledger::open(options)?;
//! let account = job.account.clone();
//! let base_url = sandbox.base_url().to_owned();
//! let scope = ledger.scope(ScopeName { base_url, account, object: object.name.to_owned() }).await?;
//! let run = scope.begin_run("example", now).await?;
//!
//! let patience = Patience::new(job.limits.give_up);
//! let interrupt = Interrupt::default();
//! let (wire, patience, interrupt, surveyed) = (&wire, &patience, &interrupt, false);
//! let world = World { ledger: &scope, run, wire, patience, interrupt, surveyed };
//! let report = sync::run(Arc::new(job), source, &world, &mut ()).await;
//! assert_eq!((report.of(Outcome::Created), report.of(Outcome::Invalid)), (1, 1));
//! # Ok(())
//! # }
//! ```

mod adopt;
mod feed;
mod row;
mod rows;
mod settling;
mod setup;
mod shared;
mod verify;

pub use self::adopt::span::span;
pub use self::feed::trial::{Trial, Tried};
pub use self::rows::run_loop::{World, run, run_adopting};
pub use self::rows::survey::survey;
pub(crate) use self::settling::walk::page_path;
pub use self::setup::guards::{Guard, Guards, Share, Sign};
pub use self::setup::interrupt::Interrupt;
pub use self::setup::job::{Job, JobParts};
pub(crate) use self::setup::job::{check_full, identity_named, steps_of};
pub use self::setup::limits::Limits;
pub use self::setup::listener::Listener;
pub use self::setup::patience::Patience;
pub use self::setup::progress::{Progress, WaitReason};
pub use self::verify::verification::{Verification, verify};
pub use self::verify::verified::Verified;
