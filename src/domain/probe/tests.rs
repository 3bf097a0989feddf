//! Tests of whole probes, against a model of S3 on virtual time.

mod adoption;
mod arrivals;
mod cleaning;
mod driver;
mod properties;
mod verdicts;
mod world;
mod writes;
