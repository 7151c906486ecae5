//! Everything that is said through `tracing`, as text.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

/// A subscriber that writes all events and spans of all levels to a text.
#[derive(Clone, Debug)]
pub struct Logs(Arc<Mutex<String>>);

impl Default for Logs {
    fn default() -> Self {
        listen_to_all();
        Self(Arc::default())
    }
}

/// Lets nothing be passed over, from the first event on.
///
/// `tracing` remembers for each place in the code whether anybody wants what is said there. A place that another thread comes to for the
/// first time, at the very moment when a test begins to listen, is remembered as one that nobody wants, and the test hears nothing of it.
/// So there is always somebody who may want it.
pub(crate) fn listen_to_all() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Where a test has a subscriber of its own for all, that one listens.
        let _ = tracing::subscriber::set_global_default(Nobody);
    });
    tracing::callsite::rebuild_interest_cache();
}

/// Hears nothing, and never says that it will not.
struct Nobody;

impl Subscriber for Nobody {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Logs {
    /// What was logged so far.
    pub fn text(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn line(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
        let mut line = Line(format!("{} {}", metadata.level(), metadata.target()));
        record(&mut line);
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(&line.0);
        text.push('\n');
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a String can't fail.
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Logs {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.line(span.metadata(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.line(event.metadata(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
