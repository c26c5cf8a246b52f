//! Bytes at the border to the types of allotment and back: JSON, protobuf, validation, dead letters.
