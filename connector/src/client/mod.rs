//! The API for programs: typed payloads in, typed results out, one record at a time.
//!
//! A [`Client`] is what a service uses that makes or changes single records as things happen. It checks, paces and repeats
//! as a sync does; what it does not have is the ledger: it does not remember what was sent before, derives no keys,
//! and settles nothing. To bring a whole table up to date, use [`crate::sync`] or the command.
//!
//! # Example
//!
//! The `Create` and `Update` of an object take what the API requires in `new`; everything else is a public field.
//! The sandbox stands for the API here; leave `base_url` out to talk to the real one.
//!
//! ```
//! use partnerstack_connector::client::{Client, ClientError};
//! use partnerstack_connector::http::credentials::Credentials;
//! use partnerstack_connector::generated::{API, customer, transaction};
//! use partnerstack_connector::sandbox::{Options, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start(&API, Options::default())?;
//! let keys = Credentials::new("pk_example", "sk_example");
//! let client = Client::builder(&keys).base_url(sandbox.base_url()).build()?;
//!
//! // Create.
//! let mut ada = customer::Create::new("ada@example.com", "gstest");
//! ada.customer_key = Some("c-1".to_owned());
//! ada.name = Some("Ada".to_owned());
//! let written = client.insert(ada.clone()).await?;
//! assert!(written.created);
//!
//! // Change; and change or create.
//! let mut renamed = customer::Update::new("c-1");
//! renamed.name = Some("Ada Lovelace".to_owned());
//! client.update(renamed.clone()).await?;
//! let written = client.upsert(renamed, ada).await?;
//! assert!(!written.created);
//!
//! // Every fault of a payload at once, before anything is sent.
//! let sale = transaction::Create::new(1_000, "usd");
//! match client.insert(sale).await {
//!     Err(ClientError::Invalid(error)) => assert_eq!(error.faults.len(), 2),
//!     _ => unreachable!("the currency is in lower case, and no customer is named"),
//! }
//!
//! // What does not exist is said in the API's own words.
//! let error = client.update(customer::Update::new("c-2")).await.err();
//! assert!(matches!(error, Some(ClientError::NotFound(refusal)) if refusal.status == 404));
//! # Ok(())
//! # }
//! ```
//!
//! What the API forbids does not compile: transactions are append-only, so there is no `transaction::Update`, and
//! [`Client::update`] does not take a `transaction::Create`.

mod calls;
mod error;

pub use self::calls::{Call, Client, ClientBuilder, Written};
pub use self::error::{ClientError, Refusal};
