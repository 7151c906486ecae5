//! A model that no other crate can name.

use larder::prelude::*;

use crate::Account;

/// Who is logged in.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "account=$actor.id"))]
pub(crate) struct Session {
    /// Its id.
    #[model(id)]
    id: Id<Session>,
    /// Whose it is.
    account: ModelLink<Account>,
    /// How often it was asked for.
    #[model(read_only)]
    uses: u64,
}

#[model_impl]
impl Session {
    /// Counts what is done with it.
    #[before(save)]
    #[allow(
        clippy::unnecessary_wraps,
        reason = "hooks give a `Result`, and this one has nothing to refuse"
    )]
    fn count(&mut self) -> Result<()> {
        self.uses += 1;
        Ok(())
    }
}
