//! Public access blocked for a whole account: it holds for each of its buckets, beside what the bucket itself blocks.

use super::bucket::{Bucket, PublicAccessBlock};
use super::identity::Caller;
use super::journal::Change;
use super::moment::Moment;
use super::refusal::{Result, access_denied};
use super::state::State;
use super::timeline::Timeline;
use super::{World, WorldError};

/// Calls of S3 Control on an account, by its own callers alone.
impl World {
    /// S3 Control `GetPublicAccessBlock`; a new account has none.
    ///
    /// # Errors
    /// `NoSuchPublicAccessBlockConfiguration` where nothing is set; `AccessDenied`, also for callers of other accounts.
    pub fn account_public_access(&mut self, now: Moment, caller: &Caller, account: &str) -> Result<PublicAccessBlock> {
        let now = self.enter(now);
        self.state.admit_to_account(caller, account, "s3:GetAccountPublicAccessBlock", now)?;
        self.state.account_block(account, now).ok_or_else(|| {
            let message = "The public access block configuration was not found";
            WorldError::new(404, "NoSuchPublicAccessBlockConfiguration", message).element("AccountId", account)
        })
    }

    /// S3 Control `PutPublicAccessBlock`, and with `None` `DeletePublicAccessBlock`; there need not be one.
    ///
    /// # Errors
    /// `AccessDenied`, also for callers of other accounts.
    pub fn put_account_public_access(
        &mut self,
        now: Moment,
        caller: &Caller,
        account: &str,
        value: Option<PublicAccessBlock>,
    ) -> Result<()> {
        let now = self.enter(now);
        self.state.admit_to_account(caller, account, "s3:PutAccountPublicAccessBlock", now)?;
        self.commit(now, Change::AccountBlockSet { account: account.to_owned(), value });
        Ok(())
    }
}

impl State {
    /// What is blocked at a bucket, by itself or by its account: the stricter of both holds (S3 User Guide,
    /// "Blocking public access to your Amazon S3 storage").
    pub(super) fn blocked_at(&self, bucket: &Bucket, at: Moment) -> PublicAccessBlock {
        let own = *bucket.public_access.at(at);
        let above = self.account_block(&bucket.info.account, at).unwrap_or(PublicAccessBlock::NONE);
        PublicAccessBlock {
            block_public_acls: own.block_public_acls || above.block_public_acls,
            ignore_public_acls: own.ignore_public_acls || above.ignore_public_acls,
            block_public_policy: own.block_public_policy || above.block_public_policy,
            restrict_public_buckets: own.restrict_public_buckets || above.restrict_public_buckets,
        }
    }

    /// Lets a change act once it has spread.
    pub(super) fn set_account_block(&mut self, at: Moment, account: String, value: Option<PublicAccessBlock>) {
        let from = at.plus(self.physics.propagation);
        self.account_blocks.entry(account).or_insert_with(|| Timeline::new(None)).set(from, value);
    }

    fn account_block(&self, account: &str, at: Moment) -> Option<PublicAccessBlock> {
        self.account_blocks.get(account).and_then(|block| *block.at(at))
    }

    fn admit_to_account(&self, caller: &Caller, account: &str, action: &str, at: Moment) -> Result<()> {
        if caller.account != account {
            return Err(access_denied());
        }
        self.allow_in_account(caller, action, "*", at)
    }
}
