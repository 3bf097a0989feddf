//! IAM policy documents: reading them, finding what is wrong in them, and whether they allow a request.
//!
//! An answer has three values: allowed, denied, or dependent on what nobody documents that AWS sends.
//!
//! The crate `iam-rs` (0.8) was tried on a table of cases and is not used. To it an account's root does not stand for
//! the account's roles, a wildcard in a principal matches, an absent policy variable is an empty text, and a value that
//! is no number is an error; it has no unknown context, no unique ids, and nothing that joins policies across accounts.

pub mod answer;
mod condition;
pub mod document;
mod evaluate;
pub mod flaw;
mod grant;
mod json;
mod nearest;
mod operator;
mod pattern;
mod principal;
mod read;
pub mod replication_context;
pub mod request;
#[cfg(test)]
mod tests;
mod truth;
mod value;
mod vocabulary;
mod worlds;

pub use answer::{Answer, Denial, Place, Side};
pub use document::{Document, Effect, Kind, Statement};
pub use evaluate::{Guard, Policies, Set, evaluate};
pub use flaw::{Flaw, Gravity, What};
pub use request::{Caller, Context, Request, Value};
