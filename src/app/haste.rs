//! What deliveries change at Bangwo8 is read soon: tells the ticket views which tickets those are.

use std::sync::Arc;

use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch,
};
use tokio_util::sync::CancellationToken;

use crate::{store::Delivered, ticketview::TicketViews};

/// The kind of a target that views hold.
const TICKET: &str = "ticket";

/// Listens until `stop`. What is missed is read in its turn.
pub(super) async fn hasten(
    mut deliveries: broadcast::Receiver<Delivered>,
    views: watch::Receiver<Arc<TicketViews>>,
    stop: CancellationToken,
) {
    loop {
        let delivered = tokio::select! {
            () = stop.cancelled() => return,
            delivered = deliveries.recv() => delivered,
        };
        match delivered {
            Ok(Delivered { connection, target }) if target.kind == TICKET => {
                views.borrow().hasten(&connection, &target.id);
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}
