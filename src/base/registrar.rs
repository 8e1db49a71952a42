//! How a series gets its name, its description and its labels.

use super::counters::Family;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, Unit};

/// Makes and describes series.
pub(super) struct Registrar<'a>(pub(super) &'a dyn Recorder);

/// Where the facade says a series was made; nothing reads it.
const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, None);

type Labels<'a> = &'a [(&'static str, &'static str)];

impl Registrar<'_> {
    pub(super) fn counter(&self, name: &str, about: &'static str, labels: Labels<'_>) -> Counter {
        self.0.describe_counter(full(name), None, about.into());
        self.0.register_counter(&key(name, labels), &METADATA)
    }

    pub(super) fn gauge(&self, name: &str, about: &'static str, labels: Labels<'_>) -> Gauge {
        self.0.describe_gauge(full(name), None, about.into());
        let gauge = self.0.register_gauge(&key(name, labels), &METADATA);
        gauge.set(0.0);
        gauge
    }

    pub(super) fn histogram(&self, name: &str, about: &'static str, unit: Option<Unit>) -> Histogram {
        self.0.describe_histogram(full(name), unit, about.into());
        self.0.register_histogram(&key(name, &[]), &METADATA)
    }

    pub(super) fn durations(&self, name: &str, about: &'static str, labels: Labels<'_>) -> Histogram {
        self.0.describe_histogram(full(name), Some(Unit::Seconds), about.into());
        self.0.register_histogram(&key(name, labels), &METADATA)
    }

    pub(super) fn family(
        &self,
        name: &str,
        about: &'static str,
        label: &'static str,
        words: &[&'static str],
    ) -> Family {
        Family(words.iter().map(|word| (*word, self.counter(name, about, &[(label, *word)]))).collect())
    }
}

fn full(name: &str) -> KeyName {
    format!("switchboard_{name}").into()
}

fn key(name: &str, labels: Labels<'_>) -> Key {
    let labels = labels.iter().map(|(name, value)| Label::from_static_parts(name, value)).collect::<Vec<_>>();
    Key::from_parts(full(name), labels)
}
