//! The partner of a customer cannot be changed later, so an update has no field for it.

use partnerstack_connector::generated::customer;

fn main() {
    let mut update = customer::Update::new("c-1");
    update.name = Some("Ada".to_owned());
    update.partner_key = Some("grace".to_owned());
}
