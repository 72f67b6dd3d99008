//! Records onto the card, closed logs into the vault.

use core::pin::pin;

use embedded_sdmmc::BlockDevice;
use glacier_core::VaultRef;
use glacier_embedded::CardSource;

use crate::apart::apart;
use crate::body::Body;
use crate::card::{Card, LogName, ends};
use crate::clock::{Clock, uptime_ms};
use crate::console::Console;
use crate::describe::description;
use crate::link::Link;
use crate::record::Record;
use crate::settings::Settings;
use crate::upload::{Archive, upload};
use crate::why::Failed;

/// Counts the boot, appends records, closes the log at its size, and archives every closed log.
pub(crate) async fn archive<D: BlockDevice>(
    link: &mut Link<'_>,
    board: &'static str,
    settings: &Settings<'_>,
    clock: &Clock,
    vault: VaultRef<'_>,
    card: D,
) -> Result<(), Failed> {
    let card = Card::new(card, clock);
    let boot = card.count_boot().map_err(|error| link.why.card(error))?;
    link.console.line(format_args!("boot board={board} dev={} boot={boot}", settings.device));
    // A card that takes no more still gives its logs, and archiving them makes room.
    let recorded = record(link.console, settings, clock, &card, boot);
    let (mut kept, mut last) = (0, None);
    while let Some(name) = card.next_log(last).map_err(|error| link.why.card(error))? {
        last = Some(name);
        let archived = apart(pin!(archive_log(link, settings.device, vault, &card, name))).await;
        match archived {
            Ok(()) => {
                card.delete(name).map_err(|error| link.why.card(error))?;
                link.console.line(format_args!("deleted file={name}"));
            }
            Err(failed) => {
                link.console.line(format_args!("kept file={name} why={}", link.why));
                kept += 1;
                if failed == Failed::All {
                    return Err(failed);
                }
            }
        }
    }
    recorded.map_err(|error| link.why.card(error))?;
    if kept > 0 { Err(link.why.all(&format_args!("{kept} of the logs could not be archived and are kept"))) } else { Ok(()) }
}

/// Appends the records that the settings ask for. The log is closed whenever it has its size, and so is one that had it before.
fn record<D: BlockDevice>(
    console: Console,
    settings: &Settings<'_>,
    clock: &Clock,
    card: &Card<'_, D>,
    boot: u16,
) -> Result<(), embedded_sdmmc::Error<D::Error>> {
    let mut sequence = 0;
    // Without a record to write a log is not begun: on a card an empty file would be no sound one.
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

/// What a sensor says. Here three of them are made up; yours are read.
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
        let (first, last) = ends(file, bytes).map_err(|error| link.why.card(error))?;
        let text = description(device, first, last);
        // Made of what a description may have; the error's own words would be dead weight in the flash.
        let description = text.as_str().try_into().map_err(|_| link.why.this(&"no description"))?;
        let source = CardSource::with_size(file, bytes);
        upload(link, Archive { vault, file: &name, description }, &mut Body::Log(source)).await
    });
    match uploaded.await {
        Ok(uploaded) => uploaded,
        Err(error) => Err(link.why.card(error)),
    }
}
