//! Writes records to the card and archives closed logs in the vault.

use core::pin::pin;

use embedded_sdmmc::BlockDevice;
use glacier_core::VaultRef;
use glacier_embedded::CardSource;

use crate::card::{Card, LogName, first_and_last};
use crate::clock::{Clock, uptime_ms};
use crate::console::Console;
use crate::description::description;
use crate::own_frame::in_own_frame;
use crate::record::Record;
use crate::service::{Archive, Body, Failed, Link, upload};
use crate::settings::Settings;

/// Counts the boot, appends records, closes the log when it is full, and archives every closed log.
pub(crate) async fn archive<D: BlockDevice>(
    link: &mut Link<'_>,
    board: &'static str,
    settings: &Settings<'_>,
    clock: &Clock,
    vault: VaultRef<'_>,
    card: D,
) -> Result<(), Failed> {
    let card = Card::new(card, clock);
    let boot = card.count_boot().map_err(|error| link.reason.card(error))?;
    link.console.line(format_args!("boot board={board} dev={} boot={boot}", settings.device));
    // Logs are archived even if the card is full, which makes room on it.
    let recorded = record(link.console, settings, clock, &card, boot);
    let (mut kept, mut last) = (0, None);
    while let Some(name) = card.next_log(last).map_err(|error| link.reason.card(error))? {
        last = Some(name);
        let archived = in_own_frame(pin!(archive_log(link, settings.device, vault, &card, name))).await;
        match archived {
            Ok(()) => {
                card.delete(name).map_err(|error| link.reason.card(error))?;
                link.console.line(format_args!("deleted file={name}"));
            }
            Err(failed) => {
                link.console.line(format_args!("kept file={name} why={}", link.reason));
                kept += 1;
                if failed == Failed::All {
                    return Err(failed);
                }
            }
        }
    }
    recorded.map_err(|error| link.reason.card(error))?;
    if kept > 0 { Err(link.reason.all(&format_args!("{kept} logs could not be archived and are kept"))) } else { Ok(()) }
}

/// Appends the number of records in the settings. Closes the log whenever it is full, also if it was full before.
fn record<D: BlockDevice>(
    console: Console,
    settings: &Settings<'_>,
    clock: &Clock,
    card: &Card<'_, D>,
    boot: u16,
) -> Result<(), embedded_sdmmc::Error<D::Error>> {
    let mut sequence = 0;
    // A log is only created for a record: an empty file without a cluster would make the file system invalid.
    while sequence < settings.records || card.open_log_bytes()? >= settings.rotate.max(1) {
        let mut next = || {
            (sequence < settings.records).then(|| {
                sequence += 1;
                sense(clock, boot, sequence - 1)
            })
        };
        let bytes = card.append(settings.rotate, &mut next)?;
        if bytes < settings.rotate {
            break;
        }
        let name = card.close_log()?;
        console.line(format_args!("closed file={name} bytes={bytes}"));
    }
    if settings.records > 0 {
        console.line(format_args!("recorded records={}", settings.records));
    }
    Ok(())
}

/// Reads a sensor. The three sensors here are simulated.
fn sense(clock: &Clock, boot: u16, sequence: u32) -> Record {
    let sensor = sequence % 3;
    let wave = (sequence / 3 % 200).abs_diff(100) as i32;
    Record {
        time_ms: clock.unix_ms().unwrap_or(0),
        sequence,
        boot,
        sensor: sensor as u16,
        value: 2000 + 10 * wave + sensor as i32,
        uptime_ms: uptime_ms() as u32,
    }
}

async fn archive_log<D: BlockDevice>(
    link: &mut Link<'_>,
    device: &str,
    vault: VaultRef<'_>,
    card: &Card<'_, D>,
    name: LogName,
) -> Result<(), Failed> {
    let uploaded = card.with_log(name, async |file, bytes| {
        let (first, last) = first_and_last(file, bytes).map_err(|error| link.reason.card(error))?;
        let text = description(device, first, last);
        // Cannot fail: it has only characters that a description may have. The error's own text would only take flash.
        let description = text.as_str().try_into().map_err(|_| link.reason.this(&"invalid description"))?;
        let source = CardSource::with_size(file, bytes);
        upload(link, Archive { vault, file: &name, description }, &mut Body::Log(source)).await
    });
    match uploaded.await {
        Ok(uploaded) => uploaded,
        Err(error) => Err(link.reason.card(error)),
    }
}
