//! The pace that the runs of this machine share.

use std::path::Path;
use std::time::Duration;

use crate::api::ApiSpec;
use crate::config::environment::Environment;
use crate::files::folder;
use crate::http::base_url::BaseUrl;
use crate::http::pace::shared::{SharedPace, SharedPaceOptions};

/// The pace of this run and of all others that reach the same host, if they have the state folder or the ledger in common.
pub(super) fn shared_pace(
    api: &ApiSpec,
    environment: &Environment,
    ledger: Option<&Path>,
    base_url: &BaseUrl,
    quota: u32,
) -> SharedPace {
    let state = environment.state_folder().ok();
    // A folder that cannot be made has no file that could be shared.
    let in_state = state.filter(|folder| folder::make(folder).is_ok()).map(|folder| folder.join("pace"));
    let beside = ledger.map(|ledger| {
        let mut name = ledger.as_os_str().to_owned();
        name.push(".pace");
        name.into()
    });
    // The quota of the API holds for all of them together, whatever each of them may use.
    let whole = api.rate_limit.requests;
    let quotas = if quota < whole { vec![quota, whole] } else { vec![quota] };
    SharedPace::open(SharedPaceOptions {
        files: in_state.into_iter().chain(beside).collect(),
        host: base_url.authority().to_owned(),
        quotas,
        window: Duration::from_secs(u64::from(api.rate_limit.seconds)),
        seed: fastrand::u64(..),
    })
}
