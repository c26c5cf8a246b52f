//! What state costs, measured on a partition of usual orders and counted by the allocator.

pub mod heap;
pub mod traffic;
