//! Performs what lanes ask for, with rdkafka, threads and clocks.
