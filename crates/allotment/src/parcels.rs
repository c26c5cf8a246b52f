//! What the courier is told: a parcel is asked for when an order is paid, has its units and is not held,
//! asked for anew when they change, and taken back when it must not leave.

use alloc::vec::Vec;

use crate::order::{OrderIx, OrderParcel, Packed, ParcelState, push_tight};
use crate::pool::{Pool, Turn};
use crate::stock::{LotIx, Stock};
use crate::{
    Effect, Fulfillment, LotShare, Parcel, ParcelCancelled, ParcelComponent, ParcelLine, Reason,
    Time,
};

impl Pool {
    /// Tells the courier whatever has changed for an order.
    pub(crate) fn ship(&mut self, ix: OrderIx, turn: &mut Turn<'_>) {
        let sends = self.sends(ix);
        let last = self.order(ix).parcels.last().map(|parcel| parcel.state);
        match (sends, last) {
            (true, None | Some(ParcelState::HandedOver)) => {
                let (state, content) = (ParcelState::Cancelled, Vec::new());
                let parcel = OrderParcel { revision: 0, state, content, wave: None };
                push_tight(&mut self.order_mut(ix).parcels, parcel);
                let parcel = self.pack(ix, turn);
                turn.tell(Effect::Fulfillment(Fulfillment::Requested(parcel)));
                self.await_wave(ix);
            }
            (true, Some(ParcelState::Cancelled)) => {
                let parcel = self.pack(ix, turn);
                turn.tell(Effect::Fulfillment(Fulfillment::Requested(parcel)));
                self.await_wave(ix);
            }
            (true, Some(ParcelState::Requested)) => {
                let changed = self.order(ix).parcels.last().map(|parcel| &parcel.content)
                    != Some(&self.order(ix).content(&self.stock));
                if changed {
                    let parcel = self.pack(ix, turn);
                    turn.tell(Effect::Fulfillment(Fulfillment::Revised(parcel)));
                    self.wave_changed(ix);
                }
            }
            (false, Some(ParcelState::Requested)) => {
                let cancelled = self.unpack(ix, turn.now);
                turn.tell(Effect::Fulfillment(Fulfillment::Cancelled(cancelled)));
                self.leave_wave(ix);
            }
            (false, None | Some(ParcelState::Cancelled | ParcelState::HandedOver)) => {}
        }
    }

    /// Whether an order has something that may leave now.
    fn sends(&self, ix: OrderIx) -> bool {
        let order = self.order(ix);
        let complete = !order.waits() || self.policy.partial;
        order.paid
            && !order.is_held()
            && !order.is_cancelled()
            && complete
            && order.fills_any(&self.stock)
    }

    /// The order's last parcel, packed with what the order holds, one revision on.
    fn pack(&mut self, ix: OrderIx, turn: &Turn<'_>) -> Parcel {
        let content = self.order(ix).content(&self.stock);
        let order = self.orders.get_mut(ix);
        let number = u32::try_from(order.parcels.len()).expect("an order has few parcels");
        let parcel = order.parcels.last_mut().expect("a parcel is packed after it was opened");
        parcel.revision += 1;
        parcel.state = ParcelState::Requested;
        parcel.content = content;
        let revision = parcel.revision;
        let lines = parcel.content.iter().map(|packed| parcel_line(packed, &self.stock)).collect();
        Parcel {
            pool: self.id.clone(),
            platform: order.name.platform.clone(),
            order_id: order.name.order_id.clone(),
            number,
            revision,
            buyer_id: order.buyer_id.get().cloned(),
            session_id: order.session_id.get().cloned(),
            recipient_ref: order.recipient_ref.get().cloned(),
            lines,
            requested_at: turn.now,
        }
    }

    /// Takes the order's last parcel back. What it held is kept, in case the truck was faster.
    fn unpack(&mut self, ix: OrderIx, now: Time) -> ParcelCancelled {
        let reason = match self.order(ix) {
            order if order.is_cancelled() || !order.is_open() => Reason::Cancelled,
            order if order.is_held() => Reason::Held,
            _ => Reason::Short,
        };
        let order = self.orders.get_mut(ix);
        let number = u32::try_from(order.parcels.len()).expect("an order has few parcels");
        let parcel =
            order.parcels.last_mut().expect("a parcel is taken back after it was asked for");
        parcel.revision += 1;
        parcel.state = ParcelState::Cancelled;
        let revision = parcel.revision;
        ParcelCancelled {
            pool: self.id.clone(),
            platform: order.name.platform.clone(),
            order_id: order.name.order_id.clone(),
            number,
            revision,
            reason,
            cancelled_at: now,
        }
    }
}

fn parcel_line(packed: &Packed, stock: &Stock) -> ParcelLine {
    let share =
        |&(lot, quantity): &(_, u64)| LotShare { lot_id: stock.lot(lot).id.clone(), quantity };
    let shares = |lots: &[(LotIx, u64)]| lots.iter().map(share).collect();
    let component = |lots: &[(LotIx, u64)]| ParcelComponent {
        sku: stock.sku(stock.lot(lots[0].0).sku).id.clone(),
        quantity: lots.iter().map(|(_, units)| units).sum(),
        lots: shares(lots),
    };
    let same_sku =
        |one: &(LotIx, u64), other: &(LotIx, u64)| stock.lot(one.0).sku == stock.lot(other.0).sku;
    let (lots, components) = if packed.bundles == 0 {
        (shares(&packed.lots), Vec::new())
    } else {
        (Vec::new(), packed.lots.chunk_by(same_sku).map(component).collect())
    };
    ParcelLine {
        line_id: packed.line_id.clone(),
        sku: stock.sku(packed.sku).id.clone(),
        quantity: packed.units(),
        lots,
        components,
    }
}
