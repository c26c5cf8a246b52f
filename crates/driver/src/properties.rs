//! What librdkafka says of its own properties: which there are, and what each takes. The library itself is asked, so
//! that the list always fits the version that is linked.
//!
//! No text from here holds a property's value: it may be a secret.
#![expect(unsafe_code, reason = "rust-rdkafka has no other way to the list")]

use std::{
    ffi::{c_char, c_int, c_void},
    ptr, slice,
};

use rdkafka::{ClientConfig, bindings, error::KafkaError, types::RDKafkaConfRes};

/// A property of librdkafka.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Property {
    /// What it is called.
    pub(crate) name: String,
    /// Which values it takes, in librdkafka's words; empty where it takes any text.
    pub(crate) takes: String,
}

/// What librdkafka says of a property of a part that it was built without.
const NOT_BUILT: &str = "not supported in this build";

/// Whether librdkafka takes a value for a property. No client is made for that, and nothing connects.
pub(crate) fn try_to_set(name: &str, value: &str) -> Result<(), Refused> {
    match ClientConfig::new().set(name, value).create_native_config() {
        Ok(_) => Ok(()),
        Err(KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, ..)) => {
            Err(Refused::Unknown)
        }
        Err(KafkaError::ClientConfig(_, said, ..)) if said.contains(NOT_BUILT) => {
            Err(Refused::NotBuilt)
        }
        // What else it says repeats the value.
        Err(_) => {
            let known = all().into_iter().find(|property| property.name == name);
            Err(Refused::Value { takes: known.map(|known| known.takes).unwrap_or_default() })
        }
    }
}

/// Why librdkafka does not take a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is none of this name.
    Unknown,
    /// It belongs to a part of librdkafka that is not in this build, such as TLS.
    NotBuilt,
    /// The value is not one of those that it takes.
    Value {
        /// Which it takes; empty where librdkafka does not say.
        takes: String,
    },
}

/// All properties, in librdkafka's order. Empty where the system has no memory for the text.
pub(crate) fn all() -> Vec<Property> {
    read(&shown())
}

/// Reads librdkafka's table: name, who uses it, range, and more.
fn read(table: &str) -> Vec<Property> {
    let row = |line: &str| {
        let mut cells = line.split(" | ").map(str::trim);
        let (name, _, takes) = (cells.next()?, cells.next()?, cells.next()?);
        let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
        is_name.then(|| Property { name: name.to_owned(), takes: takes.to_owned() })
    };
    table.lines().filter_map(row).collect()
}

unsafe extern "C" {
    /// POSIX: a stream that writes into memory that it allocates.
    fn open_memstream(text: *mut *mut c_char, size: *mut usize) -> *mut c_void;
    /// C: ends a stream; what it has written is complete then.
    fn fclose(stream: *mut c_void) -> c_int;
    /// C: gives allocated memory back.
    fn free(memory: *mut c_void);
}

/// What librdkafka prints of its properties.
fn shown() -> String {
    let (mut text, mut size) = (ptr::null_mut(), 0);
    // SAFETY: both places outlive the stream, which is closed once, here, before they are read. `text` then holds
    // `size` bytes that are ours until they are freed, once, after they were copied.
    unsafe {
        let stream = open_memstream(&raw mut text, &raw mut size);
        if stream.is_null() {
            return String::new();
        }
        bindings::rd_kafka_conf_properties_show(stream.cast());
        fclose(stream);
        if text.is_null() {
            return String::new();
        }
        let copy = String::from_utf8_lossy(slice::from_raw_parts(text.cast(), size)).into_owned();
        free(text.cast());
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn librdkafka_lists_its_properties_with_what_they_take() {
        let all = all();
        let takes = |name: &str| {
            let found = all.iter().find(|property| property.name == name);
            found.map(|property| property.takes.as_str())
        };
        assert!(all.len() > 150, "{}", all.len());
        assert_eq!(takes("sasl.password"), Some(""));
        assert_eq!(takes("security.protocol"), Some("plaintext, ssl, sasl_plaintext, sasl_ssl"));
        assert_eq!(takes("socket.timeout.ms"), Some("10 .. 300000"));
        assert_eq!(takes("bootstrap.servers"), Some(""), "an alias is a name too");
        assert_eq!(takes("Property"), None);
        for property in all {
            let unknown = try_to_set(&property.name, "?") == Err(Refused::Unknown);
            assert!(!unknown, "{} is listed, so it is known", property.name);
        }
    }

    #[test]
    fn what_librdkafka_does_not_take_is_told_without_the_value() {
        assert_eq!(try_to_set("sasl.password", "hunter2"), Ok(()));
        assert_eq!(try_to_set("sasl.passwrd", "hunter2"), Err(Refused::Unknown));
        let takes = "plaintext, ssl, sasl_plaintext, sasl_ssl".to_owned();
        assert_eq!(try_to_set("security.protocol", "hunter2"), Err(Refused::Value { takes }));
    }
}
