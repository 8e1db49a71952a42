//! What the carrier knows of a call.

use std::collections::BTreeMap;
use switchboard::simulator::{Report, Sent};

/// One call as the carrier saw it.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    /// Its number: with the seed it names everything the call was.
    pub(crate) call: u64,
    pub(crate) report: Report,
}

/// One distinct webhook, however often it was sent.
#[derive(Debug, Default)]
pub(crate) struct Step<'a> {
    pub(crate) sent: Vec<&'a Sent>,
}

type Fields<'a> = &'a [(&'static str, String)];

impl Truth {
    pub(crate) fn sid(&self) -> &str {
        &self.report.call_sid
    }

    /// Distinct webhooks by leg and route: equal URL and fields are the same webhook.
    pub(crate) fn steps(&self) -> BTreeMap<(&str, &str), Vec<Step<'_>>> {
        let mut distinct: BTreeMap<(&str, Fields<'_>), Step<'_>> = BTreeMap::new();
        for sent in &self.report.sent {
            distinct.entry((&sent.url, &sent.fields)).or_default().sent.push(sent);
        }
        let mut steps: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((url, _), step) in distinct {
            let leg = step.sent.first().and_then(|sent| sent.field("CallSid")).unwrap_or_default();
            steps.entry((leg, route(url))).or_default().push(step);
        }
        steps
    }

    /// Whether the house was told, and said that it had heard: then it may not forget.
    pub(crate) fn was_told(&self, what: impl Fn(&Sent) -> bool) -> bool {
        self.report.sent.iter().any(|sent| sent.is_answered() && what(sent))
    }
}

impl Step<'_> {
    pub(crate) fn may_have_arrived(&self) -> bool {
        self.sent.iter().any(|sent| sent.may_have_arrived())
    }
}

/// Last part of the path: what the timeline calls the kind of a webhook.
pub(crate) fn route(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}
