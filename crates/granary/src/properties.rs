//! Checks librdkafka's properties before anything connects: a mistyped name must not reach the client, which would
//! refuse it with its value.

use driver::{Connection, WhyNot, WrongProperty, property_names};

use crate::config::{ConfigError, Layers, Origin, PROPERTIES, Problem, variable_of_path};

/// Names all properties that can't be set, each with the place where it was said.
pub(crate) fn check(layers: &Layers, connection: &Connection) -> Result<(), ConfigError> {
    let wrong = connection.wrong_properties();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(ConfigError::of(wrong.iter().map(|wrong| problem(layers, wrong)).collect()))
}

fn problem(layers: &Layers, WrongProperty { key, why }: &WrongProperty) -> Problem {
    let origin = layers.origin_of_property(key).cloned().unwrap_or(Origin::Default);
    let path = format!("{PROPERTIES}.{key}");
    match why {
        WhyNot::Unknown => {
            let what = format!("`{path}` is not a property of librdkafka");
            let remedy = remedy(key, &origin);
            Problem { origin, what, remedy }
        }
        WhyNot::Wrong(why) => {
            let remedy = "its value is not shown here, as it may be a secret".to_owned();
            Problem { origin, what: format!("`{path}` {why}"), remedy }
        }
    }
}

/// Which property may have been meant.
fn remedy(key: &str, origin: &Origin) -> String {
    let names = property_names();
    let nearest = names.iter().min_by_key(|name| strsim::osa_distance(name, key));
    // A third of the letters may be wrong; more, and it is a guess.
    let near = nearest.filter(|name| strsim::osa_distance(name, key) <= key.len().div_ceil(3));
    match (near, origin) {
        (Some(name), Origin::Variable(_)) => {
            format!("did you mean {}?", variable_of_path(&format!("{PROPERTIES}.{name}")))
        }
        (Some(name), _) => format!("did you mean `{PROPERTIES}.{name}`?"),
        (None, _) => "librdkafka's CONFIGURATION.md lists the properties that exist".to_owned(),
    }
}
