//! Single flight: in this process a copy of a webhook waits for the first and gets its bytes.
//!
//! Twilio repeats a request when a connection breaks, so copies come close together; the database would tell them
//! apart anyway (and does, between instances), this only spares it the work.

use crate::ledger::Key;
use bytes::Bytes;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Answers remembered after they left. A bound, not a promise: older copies are answered from the database.
const REMEMBERED: usize = 2048;

/// Webhooks in the air, and the last that landed.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    flights: HashMap<Key, Flight>,
    landed: VecDeque<Key>,
}

#[derive(Debug)]
enum Flight {
    /// With the copies that wait for it.
    InAir(Vec<oneshot::Sender<Bytes>>),
    Landed(Bytes),
}

/// What a webhook is told when it arrives.
pub(super) enum Boarding {
    /// It is the first: it decides, and lands its answer.
    First(Ticket),
    /// It is a copy of one that has landed.
    Landed(Bytes),
    /// It is a copy of one in the air. An error tells that the first was lost on its way.
    Wait(oneshot::Receiver<Bytes>),
}

/// The right, and the duty, to land. Dropped without landing (the connection broke), the copies that wait board anew.
pub(super) struct Ticket {
    key: Key,
    flights: Flights,
}

impl Flights {
    pub(super) fn board(&self, key: Key) -> Boarding {
        match self.lock().flights.entry(key) {
            Entry::Vacant(free) => {
                free.insert(Flight::InAir(Vec::new()));
                Boarding::First(Ticket { key, flights: self.clone() })
            }
            Entry::Occupied(mut taken) => match taken.get_mut() {
                Flight::Landed(answer) => Boarding::Landed(answer.clone()),
                Flight::InAir(copies) => {
                    let (sender, receiver) = oneshot::channel();
                    copies.push(sender);
                    Boarding::Wait(receiver)
                }
            },
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    pub(super) fn land(self, answer: &Bytes) {
        let mut state = self.flights.lock();
        let flight = state.flights.insert(self.key, Flight::Landed(answer.clone()));
        state.landed.push_back(self.key);
        if state.landed.len() > REMEMBERED
            && let Some(oldest) = state.landed.pop_front()
        {
            state.flights.remove(&oldest);
        }
        drop(state);
        if let Some(Flight::InAir(copies)) = flight {
            copies.into_iter().for_each(|copy| drop(copy.send(answer.clone())));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.flights.lock();
        if matches!(state.flights.get(&self.key), Some(Flight::InAir(_))) {
            state.flights.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_copy_gets_the_first_ones_bytes() {
        let flights = Flights::default();
        let Boarding::First(ticket) = flights.board([1; 16]) else { panic!("the first is first") };
        let Boarding::Wait(copy) = flights.board([1; 16]) else { panic!("a copy waits") };
        ticket.land(&Bytes::from_static(b"<Response/>"));
        assert_eq!(copy.await.as_deref(), Ok(b"<Response/>".as_slice()));
        assert!(matches!(flights.board([1; 16]), Boarding::Landed(_)));
        assert!(matches!(flights.board([2; 16]), Boarding::First(_)));
    }

    #[tokio::test]
    async fn when_the_first_is_lost_a_copy_goes_first() {
        let flights = Flights::default();
        let first = flights.board([1; 16]);
        let Boarding::Wait(copy) = flights.board([1; 16]) else { panic!("a copy waits") };
        drop(first);
        assert!(copy.await.is_err());
        assert!(matches!(flights.board([1; 16]), Boarding::First(_)));
    }

    #[test]
    fn memory_is_bounded() {
        let flights = Flights::default();
        for n in 0..REMEMBERED + 10 {
            let mut key = [0; 16];
            key[..8].copy_from_slice(&n.to_be_bytes());
            if let Boarding::First(ticket) = flights.board(key) {
                ticket.land(&Bytes::new());
            }
        }
        assert_eq!(flights.lock().flights.len(), REMEMBERED);
    }
}
