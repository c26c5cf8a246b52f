//! The life of one partition as a machine without I/O: batches, journal, recovery, rerouting.
