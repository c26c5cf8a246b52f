//! `granary demo`, in rooms: the [`theatre`] in which an evening plays, a [`scene`] that knows what was seen so
//! far, two ways of showing it on a [`screen`], and the account at the end ([`balance`]). The scene is built
//! from the output topics alone, as any outside reader would do it.

pub(crate) mod balance;
pub(crate) mod draw;
pub(crate) mod plain;
pub(crate) mod scene;
pub(crate) mod screen;
mod shelf;
pub(crate) mod theatre;
