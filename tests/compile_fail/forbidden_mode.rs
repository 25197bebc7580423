//! Deals cannot be updated, so there is no `deal::Update`, and a create does not take its place.

use partnerstack_connector::client::Client;
use partnerstack_connector::generated::deal;

async fn correct(client: &Client, deal: deal::Create) {
    let _ = client.update(deal).await;
}

fn main() {}
