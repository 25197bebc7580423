//! Where the requests of a run go.

use crate::clock::Clock;
use crate::config::environment::Environment;
use crate::config::settings::TargetSettings;
use crate::error::SetupError;
use crate::generated::API;
use crate::http::answer::error::{CallError, CallErrorKind, Sent};
use crate::http::answer::response::Answer;
use crate::http::base_url::BaseUrl;
use crate::http::credentials::{Credentials, Secret};
use crate::http::flights::Flight;
use crate::http::pace::permits::Permit;
use crate::http::proxy::ProxySettings;
use crate::http::transport::{HttpTransport, Transport};
use crate::request::prepare::PreparedRequest;
use crate::sync::Limits;

/// Where the requests of a run go.
pub(super) enum Connection {
    /// Nowhere: a dry run.
    None,
    Http(Box<HttpTransport>),
}

impl Connection {
    /// To the API or to a sandbox, as the syncs of a run say.
    pub(super) fn open(
        target: &TargetSettings,
        limits: &Limits,
        base_url: &BaseUrl,
        sandbox: Option<&str>,
        environment: &Environment,
    ) -> Result<Self, SetupError> {
        if limits.dry_run {
            return Ok(Self::None);
        }
        if !target.sandbox {
            return Self::http(
                base_url,
                &environment.credentials(&API)?,
                limits,
                &environment.proxies(base_url)?,
            );
        }
        let url = sandbox.ok_or_else(|| SetupError::new("no sandbox has been started"))?;
        // The sandbox takes any pair: there is no account that it could belong to.
        let credentials = Credentials { public: Secret::new("sandbox"), secret: Secret::new("sandbox") };
        Self::http(&BaseUrl::parse(url)?, &credentials, limits, &ProxySettings::default())
    }

    fn http(
        base_url: &BaseUrl,
        credentials: &Credentials,
        limits: &Limits,
        proxies: &ProxySettings,
    ) -> Result<Self, SetupError> {
        let transport = HttpTransport::new(&API, base_url, credentials, limits.timeout, proxies)?;
        Ok(Self::Http(Box::new(transport)))
    }
}

impl Transport for Connection {
    async fn send<'w, C: Clock>(
        &self,
        flight: Flight<'w>,
        permit: Permit<'w, C>,
        request: &PreparedRequest,
    ) -> (Result<Answer, CallError>, Permit<'w, C>) {
        match self {
            Self::Http(transport) => transport.send(flight, permit, request).await,
            Self::None => {
                let error = CallError {
                    kind: CallErrorKind::Connect,
                    sent: Sent::No,
                    status: None,
                    retry_after: None,
                    detail: "a dry run sends nothing".to_owned(),
                };
                (Err(error), permit)
            }
        }
    }
}
