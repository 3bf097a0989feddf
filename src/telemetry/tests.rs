//! Tests of the single writer: what is told of what happened.

mod lines;
mod page;
mod running;
mod script;
