//! How the state's types become CBOR where a derived codec does not do.

use alloc::vec::Vec;

use minicbor::bytes::{ByteSlice, ByteVec};
use minicbor::decode::Error as Unreadable;
use minicbor::encode::{Error as Unwritable, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::Id;
use crate::order::Order;

/// Whether a field says nothing, and is left out.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Encodes into memory, which takes everything.
pub(super) fn bytes_of<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    append(&mut bytes, value);
    bytes
}

pub(super) fn append<T: Encode<()>>(bytes: &mut Vec<u8>, value: &T) {
    minicbor::encode(value, bytes).expect("memory takes whatever is written");
}

impl<C> Encode<C> for Id {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), Unwritable<W::Error>> {
        e.str(self)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Id {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, Unreadable> {
        d.str().map(Self::new)
    }
}

/// A list with just the memory that it needs.
pub(crate) mod list {
    use super::*;

    /// What is reserved at most on the word of a length that was read.
    const TRUSTED: usize = 256;

    pub(crate) fn encode<C, T: Encode<C>, W: Write>(
        list: &Vec<T>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), Unwritable<W::Error>> {
        list.encode(e, ctx)
    }

    pub(crate) fn decode<'b, C, T: Decode<'b, C>>(
        d: &mut Decoder<'b>,
        ctx: &mut C,
    ) -> Result<Vec<T>, Unreadable> {
        let Some(length) = d.array()? else {
            return Err(Unreadable::message("a list says how long it is"));
        };
        let left = d.input().len() - d.position();
        let trusted = usize::try_from(length).unwrap_or(usize::MAX).min(left).min(TRUSTED);
        let mut list = Vec::with_capacity(trusted);
        for _ in 0..length {
            list.push(T::decode(d, ctx)?);
        }
        Ok(list)
    }
}

/// A 128-bit number, as 16 bytes, or none.
pub(crate) mod maybe_wide {
    use super::*;

    pub(crate) fn encode<C, W: Write>(
        number: &Option<u128>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), Unwritable<W::Error>> {
        match number {
            Some(number) => wide::encode(number, e, ctx),
            None => e.null()?.ok(),
        }
    }

    pub(crate) fn decode<'b, C>(
        d: &mut Decoder<'b>,
        ctx: &mut C,
    ) -> Result<Option<u128>, Unreadable> {
        if d.datatype()? == minicbor::data::Type::Null {
            d.null()?;
            return Ok(None);
        }
        wide::decode(d, ctx).map(Some)
    }
}

/// A 128-bit number, as 16 bytes.
pub(crate) mod wide {
    use super::*;

    pub(crate) fn encode<C, W: Write>(
        number: &u128,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), Unwritable<W::Error>> {
        e.bytes(&number.to_le_bytes())?.ok()
    }

    pub(crate) fn decode<'b, C>(d: &mut Decoder<'b>, _: &mut C) -> Result<u128, Unreadable> {
        let bytes = d.bytes()?.try_into();
        bytes.map(u128::from_le_bytes).map_err(|_| Unreadable::message("16 bytes are expected"))
    }
}

/// A page of orders as it was read.
#[derive(Decode)]
#[cbor(map)]
pub(crate) struct OrdersPage {
    /// One bit a slot.
    #[n(0)]
    pub(crate) used: u64,
    /// Those in the used slots, in their order.
    #[n(1)]
    #[cbor(decode_with = "list::decode")]
    pub(crate) orders: Vec<Order>,
}

/// A page of orders as it is written.
#[derive(Encode)]
#[cbor(map)]
struct OrdersPageOut<'a> {
    #[n(0)]
    used: u64,
    #[n(1)]
    orders: Slots<'a>,
}

struct Slots<'a>(u64, &'a [Option<Order>]);

impl<C> Encode<C> for Slots<'_> {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), Unwritable<W::Error>> {
        e.array(u64::from(self.0.count_ones()))?;
        for order in self.1.iter().flatten() {
            order.encode(e, ctx)?;
        }
        e.ok()
    }
}

impl OrdersPage {
    pub(crate) fn encode(used: u64, slots: &[Option<Order>]) -> Vec<u8> {
        bytes_of(&OrdersPageOut { used, orders: Slots(used, slots) })
    }
}

/// A page of identities as it was read.
#[derive(Decode)]
#[cbor(map)]
pub(crate) struct IdentitiesPage {
    #[n(0)]
    pub(crate) entries: ByteVec,
}

/// A page of identities as it is written.
#[derive(Encode)]
#[cbor(map)]
struct IdentitiesPageOut<'a> {
    #[n(0)]
    entries: &'a ByteSlice,
}

impl IdentitiesPage {
    pub(crate) fn encode(entries: &[u8]) -> Vec<u8> {
        bytes_of(&IdentitiesPageOut { entries: entries.into() })
    }
}

/// What a pool's stream of base pages begins with.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct Heading {
    #[n(0)]
    pub(super) format: u32,
    /// The pool's position in its partition: at one instant, pools act in this order.
    #[n(1)]
    pub(super) position: u32,
}

/// What a pool's stream of base pages ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct Closing {
    /// Pages of orders and of identities.
    #[n(0)]
    pub(super) orders: u32,
    #[n(1)]
    pub(super) identities: u32,
    /// The sum of their checksums.
    #[n(2)]
    pub(super) sum: u64,
}
