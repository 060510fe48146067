//! Memory for bodies: how much of it who may take.
//!
//! There are two halves, and neither is lent to the other: one for who shows a key that may do more than read, one for all
//! others. Whether a signature is right is known when its body has been read, so whoever signs is a stranger until then.
//! Of its half each key, and each address of strangers, has a share only. So who proves nothing can take no room from who
//! shows a key, and neither one key nor one address takes all that there is of others' room.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Bytes of each half, from a body's first byte until its request is answered. A small machine has memory for a few times
/// both; at full pace far less is under way.
const HALF_BYTES: usize = 32 * 1024 * 1024;
/// Largest bodies for which there is room at once in each half, however large they may be.
const LARGEST_HELD: usize = 2;
/// A key, and a stranger's address, has one part of so many of its half: room for a largest body, at least.
const SHARES: usize = LARGEST_HELD;
/// Quarters of a half.
const QUARTERS: usize = 4;
/// Bits of an IPv6 address that a stranger can choose at will.
const OWN_BITS: u32 = 64;

/// Both halves.
pub(super) struct Room {
    known: Arc<Half>,
    strangers: Arc<Half>,
}

impl Room {
    /// Room for bodies of up to `max_bytes`.
    pub(super) fn new(max_bytes: usize) -> Self {
        let half = || Arc::new(Half::of(HALF_BYTES.max(max_bytes.saturating_mul(LARGEST_HELD))));
        Self { known: half(), strangers: half() }
    }

    /// No room yet, for a body of who showed the key of this name.
    pub(super) fn of_known(&self, key: Arc<str>) -> Held {
        Held { half: self.known.clone(), whom: Some(Whom::Key(key)), bytes: AtomicUsize::new(0) }
    }

    /// No room yet, for a body of anybody else. Whose address isn't known has no share to keep to.
    pub(super) fn of_stranger(&self, address: Option<IpAddr>) -> Held {
        let whom = address.map(line).map(Whom::Line);
        Held { half: self.strangers.clone(), whom, bytes: AtomicUsize::new(0) }
    }
}

/// Who has a share of its own.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Whom {
    /// By a line's address.
    Line(IpAddr),
    /// By a key's name.
    Key(Arc<str>),
}

/// What one line has of addresses: of IPv6 a whole net.
fn line(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> OWN_BITS << OWN_BITS).into(),
        address => address,
    }
}

struct Half {
    bytes: usize,
    taken: AtomicUsize,
    /// What each has taken, if it has any.
    shares: Mutex<HashMap<Whom, usize>>,
}

impl Half {
    fn of(bytes: usize) -> Self {
        Self { bytes, taken: AtomicUsize::new(0), shares: Mutex::default() }
    }

    /// False, with nothing taken, if there isn't as much.
    fn take(&self, whom: Option<&Whom>, bytes: usize) -> bool {
        let fits = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= self.bytes);
        if self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_err() {
            return false;
        }
        let in_share = whom.is_none_or(|whom| self.take_share(whom, bytes));
        if !in_share {
            self.taken.fetch_sub(bytes, Ordering::Relaxed);
        }
        in_share
    }

    fn take_share(&self, whom: &Whom, bytes: usize) -> bool {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = shares.get(whom).copied().unwrap_or_default() + bytes;
        let fits = taken <= self.bytes / SHARES;
        if fits {
            shares.insert(whom.clone(), taken);
        }
        fits
    }

    fn give_back(&self, whom: Option<&Whom>, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
        let Some(whom) = whom else { return };
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = shares.get_mut(whom) {
            *taken -= bytes;
            if *taken == 0 {
                shares.remove(whom);
            }
        }
    }
}

/// Room that a body takes. Dropped, it is free again.
pub(super) struct Held {
    half: Arc<Half>,
    whom: Option<Whom>,
    bytes: AtomicUsize,
}

impl Held {
    /// Takes so many bytes more. False if there aren't as many.
    pub(super) fn grow(&self, more: usize) -> bool {
        // Nothing is given back of who took nothing, and so nothing is noted.
        let taken = more == 0 || self.half.take(self.whom.as_ref(), more);
        if taken {
            self.bytes.fetch_add(more, Ordering::Relaxed);
        }
        taken
    }

    /// Whole quarters of the half that are taken, by whomever: 0 to 4.
    pub(super) fn quarters(&self) -> usize {
        self.half.taken.load(Ordering::Relaxed) / (self.half.bytes / QUARTERS)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        match *self.bytes.get_mut() {
            0 => {}
            bytes => self.half.give_back(self.whom.as_ref(), bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn neither_half_is_lent_to_the_other() {
        let room = Room::new(MIB);
        let (flow, hook, stranger) =
            (room.of_known("flow".into()), room.of_known("hook".into()), room.of_stranger(None));
        assert!(stranger.grow(32 * MIB) && !stranger.grow(1));
        assert!(flow.grow(16 * MIB) && hook.grow(16 * MIB));
        assert!(!room.of_known("ops".into()).grow(1));
        drop(stranger);
        assert!(!room.of_known("ops".into()).grow(1) && room.of_stranger(None).grow(32 * MIB));
    }

    #[test]
    fn a_key_has_a_share_whatever_others_have_left() {
        let room = Room::new(MIB);
        let flow = room.of_known("flow".into());
        assert!(flow.grow(16 * MIB) && !flow.grow(1) && !room.of_known("flow".into()).grow(1));
        assert!(room.of_known("ops".into()).grow(16 * MIB));
        drop(flow);
        assert!(room.of_known("flow".into()).grow(16 * MIB));
        assert!(room.known.shares.lock().unwrap().is_empty(), "nothing is kept of who has gone");
    }

    #[test]
    fn an_address_has_a_share_and_an_ipv6_one_has_it_with_all_of_its_net() {
        let room = Room::new(MIB);
        for (one, same, other) in [
            ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"),
        ] {
            let first = room.of_stranger(address(one));
            assert!(first.grow(0) && first.grow(16 * MIB) && !first.grow(1), "{one}");
            assert!(!room.of_stranger(address(same)).grow(1), "{same}");
            assert!(room.of_stranger(address(other)).grow(16 * MIB), "{other}");
            drop(first);
            assert!(room.of_stranger(address(same)).grow(16 * MIB), "{same}");
        }
        assert!(room.of_stranger(address("192.0.2.3")).grow(0));
        assert!(room.strangers.shares.lock().unwrap().is_empty(), "nothing is kept of who has gone");
    }

    #[test]
    fn there_is_room_for_two_of_the_largest_bodies_in_each_half_however_large() {
        let room = Room::new(100 * MIB);
        let held: Vec<_> = ["192.0.2.1", "192.0.2.2"].map(|of| room.of_stranger(address(of))).into();
        assert!(held.iter().all(|held| held.grow(100 * MIB)));
        assert_eq!(held[0].quarters(), 4);
        assert_eq!(room.of_known("flow".into()).quarters(), 0);
        assert!(Room::new(usize::MAX).of_known("flow".into()).grow(usize::MAX / 2));
    }
}
