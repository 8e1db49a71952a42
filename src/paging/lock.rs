//! Who plays on which output. The lock is on the output, not on the zone: an output belongs to several.
//!
//! | new / running | what happens |
//! |---|---|
//! | every output free | the page gets them |
//! | one taken by a page of the same or higher priority | refused; or, where the zone goes on partly, the page gets the others |
//! | taken by pages of lower priority | those lose what the new one needs, and play on elsewhere if anything is left |
//!
//! So emergency (9) takes everything but another emergency. All outputs are taken in one step or none is, so two pages that
//! cross never wait for each other.

use super::seam::PageId;
use std::collections::BTreeMap;

/// Outputs that are taken.
#[derive(Debug, Default)]
pub(super) struct Locks {
    held: BTreeMap<String, (PageId, u8)>,
}

/// What a page got.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Won {
    /// In the order in which they were asked for.
    pub outputs: Vec<String>,
    /// Taken by others, and left to them.
    pub left_out: Vec<String>,
    /// Who lost what.
    pub lost: BTreeMap<PageId, Vec<String>>,
}

/// The outputs are taken by pages that do not give way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// One of them.
    pub by: PageId,
}

impl Locks {
    /// Takes all outputs, or none; with `partly` those that can be had, if there are any.
    pub(super) fn take(&mut self, page: &PageId, priority: u8, outputs: &[&str], partly: bool) -> Result<Won, Taken> {
        let mut won = Won::default();
        let mut stays = None;
        for output in outputs {
            match self.held.get(*output) {
                Some((by, running)) if *running >= priority => {
                    stays.get_or_insert_with(|| by.clone());
                    won.left_out.push((*output).to_owned());
                }
                held => {
                    if let Some((by, _)) = held {
                        won.lost.entry(by.clone()).or_default().push((*output).to_owned());
                    }
                    won.outputs.push((*output).to_owned());
                }
            }
        }
        if let Some(by) = stays.filter(|_| !partly || won.outputs.is_empty()) {
            return Err(Taken { by });
        }
        let taken = won.outputs.iter().map(|output| (output.clone(), (page.clone(), priority)));
        self.held.extend(taken);
        Ok(won)
    }

    /// Lets go of everything that a page holds.
    pub(super) fn release(&mut self, page: &PageId) {
        self.held.retain(|_, (by, _)| by != page);
    }

    /// Who plays on an output.
    pub(super) fn holder(&self, output: &str) -> Option<&PageId> {
        self.held.get(output).map(|(page, _)| page)
    }

    /// Whether a page holds anything.
    pub(super) fn holds(&self, page: &PageId) -> bool {
        self.held.values().any(|(by, _)| by == page)
    }

    /// Whether nobody holds anything.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(name: &str) -> PageId {
        PageId::new(name)
    }

    #[test]
    fn the_table_of_conflicts() {
        let (all, one) = (["a", "b", "c"], ["a"]);
        // Running priority on `running`, new priority on `new`: who plays on a and on b afterwards.
        for (running, was, new, wants, a, b) in [
            (&one[..], 5, &one[..], 5, "old", ""),
            (&one, 5, &one, 4, "old", ""),
            (&one, 5, &one, 6, "new", ""),
            (&one, 7, &all, 7, "old", ""),
            (&one, 5, &all, 7, "new", "new"),
            (&all, 7, &one, 5, "old", "old"),
            (&all, 7, &one, 8, "new", "old"),
            (&one, 8, &all, 9, "new", "new"),
            (&one, 9, &all, 9, "old", ""),
            (&["c"], 9, &["a", "b"], 0, "new", "new"),
        ] {
            let mut locks = Locks::default();
            locks.take(&page("old"), was, running, false).expect("free");
            let refused = locks.take(&page("new"), wants, new, false).is_err();
            let holder = |output| locks.holder(output).map_or("", PageId::as_str);
            assert_eq!((holder("a"), holder("b")), (a, b), "{running:?} {was}, {new:?} {wants}");
            assert_eq!(refused, !locks.holds(&page("new")));
        }
    }

    #[test]
    fn a_zone_that_goes_on_partly_gets_what_is_free() {
        let mut locks = Locks::default();
        locks.take(&page("old"), 5, &["a"], false).expect("free");
        let won = locks.take(&page("new"), 5, &["a", "b"], true).expect("b is free");
        assert_eq!((won.outputs, won.left_out), (vec!["b".to_owned()], vec!["a".to_owned()]));
        assert_eq!(locks.take(&page("third"), 5, &["a", "b"], true), Err(Taken { by: page("old") }));
    }

    #[derive(Clone, Debug)]
    enum Act {
        Take { page: u8, priority: u8, outputs: Vec<u8>, partly: bool },
        Release { page: u8 },
    }

    fn act() -> impl Strategy<Value = Act> {
        let outputs = proptest::sample::subsequence((0..5u8).collect::<Vec<_>>(), 1..=5);
        prop_oneof![
            3 => (0..6u8, 0..10u8, outputs, any::<bool>()).prop_map(|(page, priority, outputs, partly)| Act::Take {
                page,
                priority,
                outputs,
                partly
            }),
            1 => (0..6u8).prop_map(|page| Act::Release { page }),
        ]
    }

    proptest! {
        /// Against a table of five cells, each with the page and priority that a list of rules puts there.
        #[test]
        fn it_is_the_simple_model(acts in proptest::collection::vec(act(), 1..60)) {
            let mut locks = Locks::default();
            let mut model: [Option<(u8, u8)>; 5] = [None; 5];
            for act in acts {
                match act {
                    Act::Release { page } => {
                        locks.release(&PageId::new(&page.to_string()));
                        model.iter_mut().filter(|cell| cell.is_some_and(|(by, _)| by == page)).for_each(|cell| *cell = None);
                    }
                    Act::Take { page, priority, outputs, partly } => {
                        // A page asks once: somebody else of that name would be another page.
                        if model.iter().flatten().any(|(by, _)| *by == page) { continue; }
                        let can = |cell: &u8| model[usize::from(*cell)].is_none_or(|(_, running)| running < priority);
                        let had: Vec<u8> = outputs.iter().copied().filter(|cell| can(cell)).collect();
                        let ok = if partly { !had.is_empty() } else { had.len() == outputs.len() };
                        if ok {
                            had.iter().for_each(|cell| model[usize::from(*cell)] = Some((page, priority)));
                        }
                        let names: Vec<String> = outputs.iter().map(u8::to_string).collect();
                        let names: Vec<&str> = names.iter().map(String::as_str).collect();
                        let taken = locks.take(&PageId::new(&page.to_string()), priority, &names, partly);
                        prop_assert_eq!(taken.is_ok(), ok);
                    }
                }
                for (cell, held) in model.iter().enumerate() {
                    let holder = locks.holder(&cell.to_string()).map(|page| page.as_str().to_owned());
                    prop_assert_eq!(holder, held.map(|(page, _)| page.to_string()));
                }
            }
        }
    }
}
