//! `glacier upload`: a file or standard input becomes an archive.

use std::fmt::Display;
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};

use clap::Args;
use glacier_core::values::MAX_PARTS;
use glacier_core::{Description, Error, PartSize, ProvideCredentials, Source, Transport, TreeHashMismatch};
use glacier_std::transfer::{
    DEFAULT_CONCURRENCY, DEFAULT_PART_SIZE, UploadError, UploadRequest, UploadedArchive, part_size_for, stream_part_size,
    upload_file, upload_stream,
};
use serde::Serialize;
use tokio::io::AsyncBufReadExt;

use super::vault;
use crate::args::{OutputFormat, SIZE_HELP, Size};
use crate::output::{WriteError, readable, shown};
use crate::run::{CommandError, Context, Input, SharedClient, code, describe, other_command, remains, unfinished_upload};

#[derive(Debug, Args)]
#[command(after_help = SIZE_HELP)]
pub(super) struct UploadArgs {
    /// Vault name
    vault: String,
    /// File to upload, or - for standard input
    file: PathBuf,
    /// Description to store with the archive: at most 1,024 printable ASCII characters
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    description: Option<String>,
    /// Part size: 1 MiB times a power of two, at most 4 GiB. A file no larger than one part is uploaded in one request
    /// [default: 64MiB, or the smallest that fits the file into 10,000 parts]
    #[arg(long, value_name = "SIZE")]
    part_size: Option<Size>,
    /// Parts of a file to upload at the same time, up to 12, each on its own connection; parts of standard input are uploaded one by one
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=12))]
    concurrency: u8,
    /// Upper limit for the size of standard input, from which the part size follows. Without it the limit is 625GiB, in parts of
    /// 64MiB
    #[arg(long, value_name = "SIZE")]
    expected_size: Option<Size>,
    /// Create the vault first, unless it exists
    #[arg(long)]
    create_vault: bool,
}

/// The result, under the names that the AWS SDKs give to these headers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UploadResult<'r> {
    archive_id: &'r str,
    checksum: String,
    location: Option<&'r str>,
}

pub(super) async fn run<T: Transport + Clone, C: ProvideCredentials + Clone>(
    args: &UploadArgs,
    client: &mut SharedClient<T, C>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let description = args.description.as_deref().map(Description::try_from).transpose();
    let description = description.and_then(|text| text.map_or(Ok(()), |text| text.check_for_archive()).map(|()| text));
    let description = description.map_err(|error| CommandError::usage(format_args!("--description: {error}")))?;
    let part_size = args.part_size.map(|size| PartSize::from_bytes(size.0)).transpose();
    let part_size = part_size.map_err(|error| CommandError::usage(format_args!("--part-size: {error}")))?;
    let concurrency = NonZeroU8::new(args.concurrency).unwrap_or(DEFAULT_CONCURRENCY);
    let mut upload = UploadRequest::new(context.vault(&args.vault)?).with_concurrency(concurrency);
    (upload.description, upload.part_size) = (description, part_size);

    // Everything that can be wrong with the input is found before a vault is created.
    let archived = match Input::open(&args.file).await? {
        Input::File(mut file) => {
            let size = file.size();
            if args.expected_size.is_some() {
                return Err(CommandError::usage(
                    "--expected-size is for input of unknown size, and the size of a file is known: omit it",
                ));
            }
            let layout = part_size_for(size, part_size);
            layout.map_err(|error| CommandError::usage(format_args!("{}: {error}", args.file.display())))?;
            if size == 0 {
                return Err(empty(&args.file));
            }
            create_vault(args, client, context).await?;
            context.progress.expect(Some(size));
            let result = upload_file(client, &mut file, &upload, context.options).await;
            result.map_err(|error| upload_error(args, &error, |error| CommandError::input(&args.file, error)))?
        }
        Input::Stream(mut stream) => {
            let expected = args.expected_size.map(|size| size.0);
            let part_size = stream_part_size(expected, part_size).map_err(CommandError::usage)?;
            if stream.fill_buf().await.map_err(|error| CommandError::file(&args.file, &error))?.is_empty() {
                return Err(empty(&args.file));
            }
            // The default holds 625 GiB, and the user is told when most of that is used. A smaller choice is worth a word before.
            if expected.is_none() {
                let most = MAX_PARTS * part_size.bytes();
                let text = format!(
                    "input of unknown size: {MAX_PARTS} parts of {part_size} hold at most {} ({most} bytes); use --expected-size if it may be larger",
                    readable(most),
                );
                if part_size < DEFAULT_PART_SIZE { context.progress.note(&text) } else { context.progress.detail(&text) }
            }
            create_vault(args, client, context).await?;
            context.progress.expect(expected);
            let upload = upload.with_part_size(part_size);
            let result = upload_stream(client, &mut stream, None, &upload, context.options).await;
            result.map_err(|error| upload_error(args, &error, |error| CommandError::file(&args.file, error)))?
        }
    };
    let done = format!("stored in vault {} as archive {}", args.vault, archived.archive_id);
    // Whoever reads what is printed may make this wait until a signal ends it.
    remains(done.clone());
    context.progress.done("uploaded", archived.size, &archived.checksum);
    print(&archived, context).map_err(|error| CommandError::not_printed(done, error))
}

fn print(archived: &UploadedArchive, context: &mut Context<'_>) -> Result<(), WriteError> {
    let UploadedArchive { archive_id, checksum, location, .. } = archived;
    let (checksum, location) = (checksum.to_string(), location.as_deref());
    match context.stdout.format {
        OutputFormat::Text => context.stdout.line(archive_id)?,
        OutputFormat::Json => context.stdout.object(&UploadResult { archive_id, checksum, location })?,
    }
    context.stdout.flush()
}

async fn create_vault<T: Transport, C: ProvideCredentials>(
    args: &UploadArgs,
    client: &mut SharedClient<T, C>,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    if args.create_vault {
        vault::create(&args.vault, client, context).await?;
    }
    Ok(())
}

fn empty(path: &Path) -> CommandError {
    let name = if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    CommandError::usage(format_args!("{name} is empty, and an archive has at least 1 byte: there is nothing to upload"))
}

/// A failed upload; `unreadable` is how an error of the input is reported.
fn upload_error<T: embedded_io_async::Error, S: Display>(
    args: &UploadArgs,
    error: &UploadError<T, S>,
    unreadable: impl Fn(&S) -> CommandError,
) -> CommandError {
    let name = args.file.display();
    let cause = match error.cause() {
        UploadError::Read(error) => unreadable(error),
        UploadError::Call(Error::TreeHashMismatch(part)) => CommandError::other(format_args!(
            "a part was corrupted on its way to the service, twice: tree hash {} was sent, the service has {}",
            part.sent,
            shown(part.stored)
        )),
        UploadError::Call(call) => CommandError::call(call, Some(&args.vault)),
        UploadError::Mismatch(TreeHashMismatch { archive_id: Some(id), .. }) => CommandError::other(error.cause())
            .and(format_args!("with: {}", other_command(&["archive", "delete", &args.vault, id.as_str()]))),
        UploadError::MayExist(Error::Service(_)) => CommandError::new(code::SERVICE, error.cause()),
        UploadError::Empty | UploadError::Layout(_) => CommandError::usage(format_args!("{name}: {}", error.cause())),
        UploadError::Spool(error) => CommandError::other(format_args!(
            "{}: {}; one part of the input is kept there: free some space, or set TMPDIR to another directory",
            std::env::temp_dir().display(),
            describe(error)
        )),
        UploadError::Changed | UploadError::TooLong { .. } => CommandError::other(format_args!("{name}: {}", error.cause())),
        _ => CommandError::other(error.cause()),
    };
    match error {
        UploadError::Unfinished { upload_id, sent, .. } => cause.and(unfinished_upload(&format!("{sent} bytes"), upload_id)),
        _ => cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn each_kind_of_error_has_its_exit_code() {
        type Fails = UploadError<io::Error, io::Error>;
        let args = UploadArgs {
            vault: "v".into(),
            file: "f".into(),
            description: None,
            part_size: None,
            concurrency: 1,
            expected_size: None,
            create_vault: false,
        };
        let code = |error: Fails| upload_error(&args, &error, |error| CommandError::file(Path::new("f"), error)).code;
        assert_eq!(code(Fails::Empty), code::USAGE);
        assert_eq!(code(Fails::Changed), code::OTHER);
        assert_eq!(code(Fails::Read(io::ErrorKind::NotFound.into())), code::OTHER);
        assert_eq!(code(Fails::Call(Error::Transport(io::ErrorKind::ConnectionRefused.into()))), code::OTHER);
        assert_eq!(code(Fails::Call(Error::Credentials(glacier_core::NoCredentials("x")))), code::CONFIG);
    }
}
