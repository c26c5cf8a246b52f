//! The list of every metric, span and log event that Granary can emit.
