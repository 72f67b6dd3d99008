//! How sequences are made: which operations, how often, and with which numbers.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use crate::operations::*;
use crate::policies::ACTIONS;

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let time = prop_oneof![8 => Just(Time::Manual), 1 => Just(Time::Scaled), 1 => Just(Time::Instant)];
    let operations = (vec(beginning(), 0..8), vec(operation(), 1..60)).prop_map(|(first, then)| [first, then].concat());
    (time, any::<u64>().no_shrink(), prop::bool::weighted(0.3), operations)
        .prop_map(|(time, seed, needs_capacity, operations)| Case { time, seed, needs_capacity, operations })
}

/// Something for the others to be about.
fn beginning() -> impl Strategy<Value = Operation> {
    let flaw = Flaw::None;
    prop_oneof![
        6 => (size(), 0u8..9).prop_map(move |(size, text)| Operation::UploadArchive { vault: 0, size, text, flaw }),
        4 => (0..LARGEST, 0u8..9).prop_map(|(part_size, text)| Operation::InitiateUpload { vault: 0, part_size, text }),
        4 => Just(Operation::UploadPart { which: 0, part: NEXT, bytes: PartBytes::Full, flaw }),
        2 => (12 * 3_600u32..72 * 3_600).prop_map(|seconds| Operation::Advance { seconds }),
        2 => (1u8..30).prop_map(|rate| Operation::SetRetrievalPolicy { place: 0, strategy: Limit::BytesPerHour(rate) }),
        1 => (4u8..=4 + DENYING).prop_map(|policy| Operation::SetAccessPolicy { vault: 0, policy }),
    ]
}

/// Part sizes of uploads.
const LARGEST: u8 = if cfg!(glacier_sim) { 3 } else { 1 };

fn vault() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![24 => Just(0u8), 4 => Just(1u8), 1 => 2u8..6]
}

fn place() -> impl Strategy<Value = u8> {
    prop_oneof![5 => Just(0u8), 1 => 1u8..4]
}

fn which() -> impl Strategy<Value = Which> + Clone {
    prop_oneof![10 => Just(0u8), 6 => 1u8..6, 3 => ANY..ANY + 6, 1 => Just(NEVER)]
}

fn elsewhere() -> impl Strategy<Value = Option<u8>> {
    weighted(0.08, 0u8..6)
}

fn flaw() -> impl Strategy<Value = Flaw> {
    prop_oneof![20 => Just(Flaw::None), 1 => Just(Flaw::Empty), 1 => Just(Flaw::LinearHash), 1 => Just(Flaw::TreeHash)]
}

/// Small bodies, unless leaves are small too.
fn size() -> BoxedStrategy<u8> {
    if cfg!(glacier_sim) { (0u8..10).boxed() } else { prop_oneof![12 => 0u8..4, 1 => 4u8..8].boxed() }
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![16 => time(), 5 => of_vaults(), 22 => of_archives(), 16 => of_uploads(), 18 => of_jobs(), 10 => lists(), 10 => settings()]
}

fn time() -> impl Strategy<Value = Operation> {
    let seconds = prop_oneof![
        2 => 1u32..300,
        3 => 3_600u32..6 * 3_600,
        3 => 12 * 3_600u32..30 * 3_600,
        1 => 86_400u32..40 * 86_400,
    ];
    prop_oneof![
        2 => seconds.prop_map(|seconds| Operation::Advance { seconds }),
        3 => (0u8..6, any::<bool>()).prop_map(|(which, just_before)| Operation::AdvanceTo { which, just_before }),
    ]
}

fn of_vaults() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => vault().prop_map(|vault| Operation::CreateVault { vault }),
        3 => vault().prop_map(|vault| Operation::DescribeVault { vault }),
        1 => vault().prop_map(|vault| Operation::DeleteVault { vault }),
        1 => (0u8..6).prop_map(|vault| Operation::DescribeForeignVault { vault }),
    ]
}

fn of_archives() -> impl Strategy<Value = Operation> {
    prop_oneof![
        5 => (vault(), size(), 0u8..9, flaw())
            .prop_map(|(vault, size, text, flaw)| Operation::UploadArchive { vault, size, text, flaw }),
        3 => (which(), elsewhere()).prop_map(|(which, in_vault)| Operation::DeleteArchive { which, in_vault }),
        6 => (which(), elsewhere(), tier(), retrieval_range(), 0u8..9).prop_map(|(which, in_vault, tier, range, text)| {
            Operation::RetrieveArchive { which, in_vault, tier, range, text }
        }),
    ]
}

fn tier() -> impl Strategy<Value = Tier> {
    prop_oneof![2 => Just(Tier::Expedited), 3 => Just(Tier::Standard), 1 => Just(Tier::Bulk)]
}

fn retrieval_range() -> impl Strategy<Value = RetrievalRange> {
    prop_oneof![
        5 => Just(RetrievalRange::None),
        4 => (0u8..6, 0u8..5).prop_map(|(first, count)| RetrievalRange::Leaves { first, count }),
        1 => Just(RetrievalRange::Misaligned),
        1 => Just(RetrievalRange::Beyond),
    ]
}

fn of_uploads() -> impl Strategy<Value = Operation> {
    let bytes = prop_oneof![
        8 => Just(PartBytes::Full),
        4 => any::<u8>().prop_map(PartBytes::Short),
        1 => Just(PartBytes::TooLong),
        1 => Just(PartBytes::Misaligned),
    ];
    let part = prop_oneof![20 => Just(NEXT), 10 => 0u16..4, 1 => 9_998u16..10_002];
    let announced = prop_oneof![8 => Just(Announced::Right), 1 => Just(Announced::WrongSize), 1 => Just(Announced::WrongTree)];
    prop_oneof![
        3 => (vault(), 0..LARGEST, 0u8..9)
            .prop_map(|(vault, part_size, text)| Operation::InitiateUpload { vault, part_size, text }),
        6 => (which(), part, bytes, flaw()).prop_map(|(which, part, bytes, flaw)| Operation::UploadPart { which, part, bytes, flaw }),
        5 => (which(), announced).prop_map(|(which, announced)| Operation::CompleteUpload { which, announced }),
        1 => which().prop_map(|which| Operation::AbortUpload { which }),
    ]
}

fn of_jobs() -> impl Strategy<Value = Operation> {
    let hours = || weighted(0.25, 0u8..60);
    let limit = || weighted(0.5, 1u8..3);
    prop_oneof![
        3 => (vault(), any::<bool>(), hours(), hours(), limit()).prop_map(|(vault, csv, start_hours_ago, end_hours_ago, limit)| {
            Operation::RetrieveInventory { vault, csv, start_hours_ago, end_hours_ago, limit }
        }),
        2 => (which(), limit()).prop_map(|(which, limit)| Operation::ContinueInventory { which, limit }),
        3 => which().prop_map(|which| Operation::DescribeJob { which }),
        7 => (which(), output_range()).prop_map(|(which, range)| Operation::GetOutput { which, range }),
    ]
}

fn output_range() -> impl Strategy<Value = OutputRange> {
    prop_oneof![
        4 => Just(OutputRange::Whole),
        4 => (0u8..6, 0u8..5).prop_map(|(first, count)| OutputRange::Leaves { first, count }),
        2 => any::<(u8, u8)>().prop_map(|(first, count)| OutputRange::Bytes { first, count }),
        1 => Just(OutputRange::Beyond),
        1 => Just(OutputRange::Malformed),
    ]
}

fn lists() -> impl Strategy<Value = Operation> {
    let status = prop_oneof![
        4 => Just(Status::InProgress),
        4 => Just(Status::Succeeded),
        1 => Just(Status::Failed),
        1 => Just(Status::Other),
    ];
    let what = prop_oneof![
        1 => place().prop_map(|place| List::Vaults { place }),
        3 => vault().prop_map(|vault| List::Uploads { vault }),
        3 => which().prop_map(|which| List::Parts { which }),
        4 => (vault(), weighted(0.4, status), weighted(0.4, any::<bool>()))
            .prop_map(|(vault, status, completed)| List::Jobs { vault, status, completed }),
    ];
    let limit = weighted(0.6, prop_oneof![8 => 1u8..4, 1 => Just(0u8), 1 => 10u8..52]);
    let from = prop_oneof![
        4 => Just(From::Start),
        4 => (0u8..3).prop_map(From::Marker),
        1 => (0u8..3).prop_map(From::ForeignMarker),
        1 => Just(From::Garbage),
    ];
    (what, limit, from).prop_map(|(what, limit, from)| Operation::List { what, limit, from })
}

/// Policies that deny one action; the next one denies DeleteArchive of young archives.
const DENYING: u8 = ACTIONS.len() as u8;

fn settings() -> impl Strategy<Value = Operation> {
    let strategy = prop_oneof![
        2 => Just(Limit::None),
        1 => Just(Limit::FreeTier),
        6 => (1u8..30).prop_map(Limit::BytesPerHour),
        1 => any::<bool>().prop_map(Limit::Invalid),
    ];
    let of_vault = prop_oneof![
        2 => (vault(), 0u8..60, 0u8..12).prop_map(|(vault, first, count)| Operation::AddTags { vault, first, count }),
        1 => vault().prop_map(|vault| Operation::AddInvalidTag { vault }),
        2 => (vault(), 0u8..60, 0u8..12).prop_map(|(vault, first, count)| Operation::RemoveTags { vault, first, count }),
        1 => vault().prop_map(|vault| Operation::ListTags { vault }),
        1 => (vault(), 0u8..5).prop_map(|(vault, events)| Operation::SetNotifications { vault, events }),
        1 => vault().prop_map(|vault| Operation::GetNotifications { vault }),
        1 => vault().prop_map(|vault| Operation::DeleteNotifications { vault }),
        2 => (vault(), prop_oneof![4 => 0u8..4, 3 => 4u8..4 + DENYING]).prop_map(|(vault, policy)| Operation::SetAccessPolicy { vault, policy }),
        1 => vault().prop_map(|vault| Operation::GetAccessPolicy { vault }),
        2 => vault().prop_map(|vault| Operation::DeleteAccessPolicy { vault }),
    ];
    let locks = prop_oneof![
        3 => (vault(), prop_oneof![6 => 0u8..4, 1 => Just(4 + DENYING)]).prop_map(|(vault, policy)| Operation::InitiateLock { vault, policy }),
        2 => vault().prop_map(|vault| Operation::GetLock { vault }),
        1 => vault().prop_map(|vault| Operation::AbortLock { vault }),
        1 => (vault(), which()).prop_map(|(vault, which)| Operation::CompleteLock { vault, which }),
    ];
    let of_account = prop_oneof![
        3 => (place(), strategy).prop_map(|(place, strategy)| Operation::SetRetrievalPolicy { place, strategy }),
        1 => place().prop_map(|place| Operation::GetRetrievalPolicy { place }),
        2 => place().prop_map(|place| Operation::PurchaseCapacity { place }),
        1 => place().prop_map(|place| Operation::ListCapacity { place }),
    ];
    prop_oneof![4 => of_vault, 4 => locks, 4 => of_account]
}
