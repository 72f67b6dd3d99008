//! Properties of decoding: any JSON in any pieces gives the same items, and any bytes give an output or an error.

// Without a heap, core's errors hold the service's message themselves.
#![allow(clippy::result_large_err)]

use std::convert::Infallible;

use glacier_core::inventory::{CsvInventory, JsonInventory};
use glacier_core::ops::{
    AccessPolicy, DataRetrieval, InitiateJobOutput, Job, ListJobs, ListMultipartUploads, ListParts, ListTagsForVault, ListVaults,
    Notifications, RetrievalPolicy, UploadArchiveOutput, Vault, VaultLock,
};
use glacier_core::{
    BufferTooSmall, DecodeError, Error, FromResponse, Head, Items, List, Listing, Response, ServiceError, ServiceErrorText, Text,
};
use glacier_tests::{pieces::Pieces, property_cases};
use pollster::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any JSON, at most 12 levels deep: deeper than 16 is rejected.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f32>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"\\\\é]{0,4}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// An archive of an inventory, with members that this client does not know.
fn item() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![Just(Value::Null), any::<String>().prop_map(Value::from)];
    (text(), text(), any::<u64>(), any_json()).prop_map(
        |(id, description, size, other)| json!({ "ArchiveId": id, "ArchiveDescription": description, "Size": size, "New": other }),
    )
}

fn inventory() -> impl Strategy<Value = Value> {
    (prop::collection::vec(item(), 0..6), any_json(), any::<String>())
        .prop_map(|(items, other, arn)| json!({ "VaultARN": arn, "ArchiveList": items, "Other": other }))
}

type Record = (Option<String>, Option<String>, Option<u64>);

fn read(body: &[u8], sizes: &[usize], room: usize) -> Result<Vec<Record>, Error<Infallible>> {
    let mut buf = vec![0; room];
    let mut inventory = JsonInventory::new(Pieces::new(body, sizes), &mut buf);
    let mut records = Vec::new();
    block_on(async {
        while let Some(item) = inventory.next().await? {
            let text = |field: Option<glacier_core::inventory::Field<'_>>| field.map(|field| field.to_string());
            records.push((text(item.archive_id), text(item.description), item.size));
        }
        Ok(records)
    })
}

/// The longest piece that must be in the buffer at once: an item, or a member with its name and colon.
fn longest(inventory: &Value) -> usize {
    let items = inventory["ArchiveList"].as_array().into_iter().flatten().map(|item| item.to_string().len());
    let members = inventory.as_object().unwrap().iter().filter(|(name, _)| *name != "ArchiveList");
    items.chain(members.map(|(name, value)| json!(name).to_string().len() + 1 + value.to_string().len())).max().unwrap_or(0).max(15)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(property_cases(512)))]

    /// serde_json escapes only what it must; other writers may escape everything.
    #[test]
    fn strings_are_read_as_serde_json_reads_them(text in any::<String>(), escape_all in any::<bool>()) {
        let written = if escape_all {
            text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect()
        } else {
            let quoted = json!(text).to_string();
            quoted[1..quoted.len() - 1].to_string()
        };
        let ours = Text::from_escaped(&written).unwrap();
        prop_assert_eq!(ours.to_string(), text.clone());
        prop_assert_eq!(ours.chars().collect::<String>(), text.clone());
        prop_assert!(ours == text.as_str());
        prop_assert_eq!(ours.as_plain().is_some(), !written.contains('\\'));
    }

    /// Exactly what serde_json rejects as a string is rejected.
    #[test]
    fn malformed_escapes_are_rejected(raw in "([a-c\"é]|\\\\[\"\\\\/bfnrtux0-9a-fD]|\\\\u[0-9a-fD]{0,4}|\\\\ud8[0-9]{2}\\\\ud[cd]{2}[0-9]){0,6}") {
        prop_assume!(!raw.replace("\\\\", "").replace("\\\"", "").contains('"'));
        let theirs = serde_json::from_str::<String>(&format!("\"{raw}\"")).ok();
        prop_assert_eq!(Text::from_escaped(&raw).map(|text| text.to_string()), theirs, "{}", raw);
    }

    #[test]
    fn any_pieces_give_the_same_items(inventory in inventory(), sizes in prop::collection::vec(1usize..50, 1..5), pretty in any::<bool>()) {
        let body = if pretty { serde_json::to_string_pretty(&inventory) } else { serde_json::to_string(&inventory) }.unwrap();
        let text = |value: &Value| value.as_str().map(str::to_string);
        let expected: Vec<Record> = inventory["ArchiveList"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (text(&item["ArchiveId"]), text(&item["ArchiveDescription"]), item["Size"].as_u64()))
            .collect();
        prop_assert_eq!(read(body.as_bytes(), &sizes, body.len().max(1)).unwrap(), expected);
    }

    /// A buffer as large as the longest piece is enough, and a byte less is an error that says so.
    #[test]
    fn only_the_longest_piece_must_fit(inventory in inventory(), sizes in prop::collection::vec(1usize..50, 1..5)) {
        let body = inventory.to_string();
        let longest = longest(&inventory);
        let items = inventory["ArchiveList"].as_array().unwrap().len();
        // The end of a number is known only from the byte after it; other values end by themselves.
        prop_assert_eq!(read(body.as_bytes(), &sizes, longest + 1).unwrap().len(), items);
        let short = read(body.as_bytes(), &sizes, longest - 1);
        if let Err(error) = short {
            let expected = DecodeError::Item(BufferTooSmall { needed: None, capacity: longest - 1 });
            prop_assert_eq!(error, Error::Decode(expected));
        } else {
            prop_assert_eq!(longest, 15, "only where no piece is that long");
        }
    }

    /// A body cut anywhere before its end is an error, never a shorter list.
    #[test]
    fn a_truncated_body_is_an_error(inventory in inventory(), cut in any::<prop::sample::Index>()) {
        let body = inventory.to_string();
        let cut = cut.index(body.len());
        let result = read(&body.as_bytes()[..cut], &[7], body.len());
        prop_assert!(result.is_err(), "{:?}", result);
    }

    /// Any bytes, and any bytes that look like a response.
    #[test]
    fn any_bytes_are_decoded_or_rejected(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}\":,a\\\\ 0-9ntu.eE+-]{0,120}".prop_map(String::into_bytes),
            any_json().prop_map(|json| json.to_string().into_bytes()),
            any_json().prop_map(|json| json!({
                "Marker": json, "VaultList": json, "Rules": json, "Policy": json, "Events": json, "Size": json, "JobList": json,
                "code": json, "message": json, "Parts": json, "Tags": json, "InventoryRetrievalParameters": json, "Completed": json
            }).to_string().into_bytes()),
        ],
        header in prop::collection::vec(any::<u8>(), 0..60),
        status in any::<u16>(),
    ) {
        decode_all(&body, &header, status);
        read_all(&body);
    }

    /// Sixteen levels below a member are accepted and seventeen are not, of arrays and of objects.
    #[test]
    fn sixteen_levels_are_accepted(depth in 1usize..40, is_array in any::<bool>()) {
        let (open, close) = if is_array { ("[", "]") } else { ("{\"a\":", "}") };
        let body = format!("{{\"New\":{}1{},\"VaultName\":\"v\"}}", open.repeat(depth), close.repeat(depth));
        let mut arena = [0; 16];
        let name = Vault::from_response(&Head::new(&mut arena).with_body(body.as_bytes())).map(|vault| vault.vault_name.is_some());
        prop_assert_eq!(name, if depth > 16 { Err(DecodeError::TooDeep) } else { Ok(true) });
        prop_assert_eq!(list::<ListVaults<'_>>(body.as_bytes(), body.len()).is_ok(), depth <= 16);
    }

    #[test]
    fn deep_nesting_is_rejected(depth in 17usize..200_000, opening in prop::sample::select(vec!["[", "{\"a\":", "[{\"a\":"])) {
        let body = format!("{{\"New\":{}", opening.repeat(depth));
        let mut arena = [0; 16];
        let response = Head::new(&mut arena);
        prop_assert_eq!(Vault::from_response(&response.with_body(body.as_bytes())).unwrap_err(), DecodeError::TooDeep);
        prop_assert_eq!(list::<ListVaults<'_>>(body.as_bytes(), body.len()).unwrap_err(), Error::Decode(DecodeError::TooDeep));
        let error = ServiceError::from_response(&response.with_body(body.as_bytes()));
        prop_assert_eq!(error.name.as_str(), "");
    }
}

/// Decodes as every kind of output; it must only end without a panic.
fn decode_all(body: &[u8], header: &[u8], status: u16) {
    let mut arena = [0; 400];
    let mut head = Head::new(&mut arena);
    head.start(status);
    let names = [
        "location",
        "x-amz-archive-id",
        "x-amz-job-id",
        "x-amz-sha256-tree-hash",
        "x-amzn-ErrorType",
        "retry-after",
        "date",
        "new",
    ];
    for name in names {
        // Some do not fit, which is an error too.
        let _ = head.push(name, header);
    }
    let response = head.with_body(body);
    fn decode<'b, T: FromResponse<'b>>(response: &Response<'b>) -> bool {
        T::from_response(response).is_ok()
    }
    let _ = decode::<Vault<'_>>(&response) | decode::<Job<'_>>(&response) | decode::<InitiateJobOutput<'_>>(&response);
    let _ =
        decode::<UploadArchiveOutput<'_>>(&response) | decode::<AccessPolicy<'_>>(&response) | decode::<VaultLock<'_>>(&response);
    if let Ok(Notifications { events: Some(events), .. }) = Notifications::from_response(&response) {
        walk(events);
    }
    if let Ok(DataRetrieval { policy: Some(RetrievalPolicy { rules: Some(rules), .. }), .. }) =
        DataRetrieval::from_response(&response)
    {
        walk(rules);
    }
    let whole = ServiceErrorText::from_response(&response);
    let short = ServiceError::from_response(&response);
    assert_eq!(short.status, status);
    assert_eq!(whole.code.is_none_or(|code| code.is_empty()), short.name.as_str().is_empty());
}

/// An iterator over an array ends, whatever the array holds.
fn walk(items: Items<'_>) {
    assert!(items.take(100_000).count() < 100_000);
}

fn list<L: List>(body: &[u8], room: usize) -> Result<usize, Error<Infallible>> {
    let mut buf = vec![0; room];
    let mut listing = Listing::<_, L>::new(Pieces::new(body, &[3, 1, 40]), &mut buf);
    block_on(async {
        let mut count = 0;
        while listing.next().await?.is_some() {
            count += 1;
        }
        Ok(count)
    })
}

fn read_all(body: &[u8]) {
    for room in [0, 1, 16, 4096] {
        let counts = [
            list::<ListVaults<'_>>(body, room),
            list::<ListJobs<'_>>(body, room),
            list::<ListParts<'_>>(body, room),
            list::<ListMultipartUploads<'_>>(body, room),
            list::<ListTagsForVault<'_>>(body, room),
        ];
        assert!(counts.into_iter().flatten().all(|count| count <= body.len()));
        let mut buf = vec![0; room];
        let mut csv = CsvInventory::new(Pieces::<Infallible>::new(body, &[3, 1, 40]), &mut buf);
        let mut lines = 0;
        while let Ok(Some(_)) = block_on(csv.next()) {
            lines += 1;
        }
        assert!(lines <= body.len());
    }
}

#[test]
fn a_parts_range_and_hash_are_parsed() {
    let body = br#"{"Parts":[{"RangeInBytes":"0-5","SHA256TreeHash":"x"}],"Marker":null}"#;
    let mut buf = [0; 128];
    let mut parts = Listing::<_, ListParts<'_>>::new(&body[..], &mut buf);
    let part = block_on(parts.next()).unwrap().unwrap();
    assert_eq!((part.range().map(|range| range.len()), part.tree_hash()), (Some(6), None));
}
