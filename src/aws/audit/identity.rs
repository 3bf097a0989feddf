//! Asks STS whom the calls to a side are made by. Needs no permission.

use super::super::bucket::S3Bucket;
use super::Read;
use crate::cloud::OwnIdentity;
use crate::domain::audit::facts::{Fact, Identity};
use crate::domain::object::Trouble;

const IDENTITY: Read =
    Read { service: "sts", operation: "GetCallerIdentity", permission: "sts:GetCallerIdentity", absent: &[] };

impl OwnIdentity for S3Bucket {
    async fn identity(&self) -> Fact<Identity> {
        let answer = self.read_whole(IDENTITY, || self.sts().get_caller_identity().send()).await?;
        let identity = answer.account.zip(answer.arn).map(|(account, arn)| Identity { account, arn });
        identity
            .ok_or_else(|| IDENTITY.unread(Trouble::BadAnswer, "success without an account: something else answered"))
    }
}
