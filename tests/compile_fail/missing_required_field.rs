//! A create takes what the API requires; a struct literal cannot leave it out either.

use partnerstack_connector::generated::customer;

fn main() {
    let _ = customer::Create::new("ada@example.com");
}
