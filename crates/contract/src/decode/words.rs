//! The words that input fields may hold, and what they mean.

use allotment::{AllocateOn, Claims, Inspection, InspectionResult, Shortage, SnapshotStatus};

/// `pool.policy`'s `allocate_on`.
pub(crate) const ALLOCATE_ON: [(&str, AllocateOn); 2] =
    [("created", AllocateOn::Created), ("paid", AllocateOn::Paid)];

/// `pool.policy`'s `unpaid_shortage` and `paid_shortage`.
pub(crate) const SHORTAGE: [(&str, Shortage); 2] =
    [("refuse", Shortage::Refuse), ("waitlist", Shortage::Waitlist)];

/// `pool.policy`'s `claims`.
pub(crate) const CLAIMS: [(&str, Claims); 3] =
    [("off", Claims::Off), ("signal", Claims::Signal), ("hold", Claims::Hold)];

/// `stock.received`'s `inspection`.
pub(crate) const INSPECTION: [(&str, Inspection); 2] =
    [("passed", Inspection::Passed), ("pending", Inspection::Pending)];

/// `stock.inspected`'s `result`.
pub(crate) const INSPECTION_RESULT: [(&str, InspectionResult); 2] =
    [("passed", InspectionResult::Passed), ("failed", InspectionResult::Failed)];

/// `order.snapshot`'s `status`.
pub(crate) const SNAPSHOT_STATUS: [(&str, SnapshotStatus); 4] = [
    ("created", SnapshotStatus::Created),
    ("paid", SnapshotStatus::Paid),
    ("held", SnapshotStatus::Held),
    ("cancelled", SnapshotStatus::Cancelled),
];
