//! `granary demo`, in rooms: a [`scene`] that knows what was seen so far, two ways of showing it, and the
//! account at the end. The scene is built from the output topics alone, as any outside reader would do it.

pub(crate) mod balance;
pub(crate) mod draw;
pub(crate) mod plain;
pub(crate) mod scene;
