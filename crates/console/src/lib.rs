//! Metrics endpoint, health and queries, from what the lanes publish.
