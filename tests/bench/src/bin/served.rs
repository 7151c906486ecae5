//! The service with larder, taking the same variables as `hand`.

use larder::prelude::*;
use larder_bench::{order_model, service};

order_model!();

fn main() -> Result<()> {
    service::serve::<Order>(models![Order])
}
