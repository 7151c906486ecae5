//! The service by hand: `STORE=memory|sqlite:PATH LISTEN=127.0.0.1:0 ROWS=100000 WORKERS=2 GROUP_COMMIT=1 hand`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    larder_bench::hand::run()
}
