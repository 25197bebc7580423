//! Exports of other systems, from `partnerstack init` to what the server has: their columns, and the sync files that are
//! made for them.

mod every;
mod hubspot;
mod stripe;
