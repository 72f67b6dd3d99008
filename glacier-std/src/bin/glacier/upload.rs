//! `glacier upload`: a file or standard input becomes an archive.

use std::fs;
use std::io;
use std::num::NonZeroU8;
use std::path::Path;

use glacier_core::{Client, Description, PartSize, ProvideCredentials, Transport};
use glacier_std::file::{Fault, FileError, FileSource};
use glacier_std::transfer::{Archived, DEFAULT_CONCURRENCY, Upload, part_size_for, stream_part_size, upload_file, upload_stream};
use serde::Serialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader};

use crate::args::{Form, UploadArgs};
use crate::context::Context;
use crate::exit::{Failure, reason};
use crate::size::readable;
use crate::vault;

/// Bytes read at a time from standard input.
const READ: usize = 64 << 10;

/// The result, under the names that the SDKs give to these headers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'r> {
    archive_id: &'r str,
    checksum: String,
    location: Option<&'r str>,
}

pub(crate) async fn run<T: Transport + Clone, C: ProvideCredentials + Clone>(
    args: &UploadArgs,
    client: &mut Client<T, C>,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let description = args.description.as_deref().map(Description::try_from).transpose().map_err(Failure::usage)?;
    let part_size = args.part_size.map(|size| PartSize::from_bytes(size.0)).transpose().map_err(Failure::usage)?;
    let concurrency = NonZeroU8::new(args.concurrency).unwrap_or(DEFAULT_CONCURRENCY);
    let upload = Upload { vault: context.vault(&args.vault)?, description, part_size, concurrency };

    // All that can be refused is refused before a vault is created.
    let archived = match open(&args.file)? {
        Input::File(mut file) => {
            let size = glacier_core::Source::size(&file);
            if args.expected_size.is_some() {
                return Err(Failure::usage("--expected-size is for what comes from a pipe; a file's size is known"));
            }
            part_size_for(size, part_size).map_err(|error| Failure::usage(format_args!("{}: {error}", args.file.display())))?;
            if size == 0 {
                return Err(empty(&args.file));
            }
            create_vault(args, client, context).await?;
            context.progress.expect(Some(size));
            let result = upload_file(client, &mut file, &upload, context.manner).await;
            result.map_err(|error| Failure::upload(&error, &args.file, &args.vault, |error| refused(&args.file, error)))?
        }
        Input::Stream(mut stream) => {
            let expected = args.expected_size.map(|size| size.0);
            let part_size = stream_part_size(expected, part_size).map_err(Failure::usage)?;
            if stream.fill_buf().await.map_err(|error| Failure::file(&args.file, &error))?.is_empty() {
                return Err(empty(&args.file));
            }
            if expected.is_none() {
                let (size, reach) = (readable(part_size.bytes()), readable(part_size.bytes() * 10_000));
                context.progress.say(&format!(
                    "the input's length is not known: parts of {size} reach {reach} ({} bytes); --expected-size makes room for more",
                    part_size.bytes() * 10_000
                ));
            }
            create_vault(args, client, context).await?;
            context.progress.expect(expected);
            let upload = Upload { part_size: Some(part_size), ..upload };
            let result = upload_stream(client, &mut stream, None, &upload, context.manner).await;
            result.map_err(|error| Failure::upload(&error, &args.file, &args.vault, |error| Failure::file(&args.file, error)))?
        }
    };
    print(&archived, context)
}

fn print(archived: &Archived, context: &mut Context<'_>) -> Result<(), Failure> {
    let Archived { archive_id, checksum, location, .. } = archived;
    let (checksum, location) = (checksum.to_string(), location.as_deref());
    match context.output.form {
        Form::Text => context.output.line(archive_id),
        Form::Json => context.output.object(&Printed { archive_id, checksum, location }),
    }
}

enum Input {
    File(FileSource),
    Stream(Box<dyn AsyncBufRead + Unpin + Send>),
}

/// A file whose size is known, or anything else that can be read.
fn open(path: &Path) -> Result<Input, Failure> {
    if path == Path::new("-") {
        return Ok(Input::Stream(Box::new(BufReader::with_capacity(READ, tokio::io::stdin()))));
    }
    match FileSource::open(path) {
        Ok(file) => Ok(Input::File(file)),
        Err(error) => match error.fault() {
            // A pipe with a name, such as the shell's <(...).
            Fault::Special => {
                let file = fs::File::open(path).map_err(|error| Failure::file(path, &error))?;
                Ok(Input::Stream(Box::new(BufReader::with_capacity(READ, tokio::fs::File::from_std(file)))))
            }
            _ => Err(refused(path, &error)),
        },
    }
}

fn refused(path: &Path, error: &FileError) -> Failure {
    let path = path.display();
    match error.fault() {
        Fault::Directory => Failure::usage(format_args!(
            "{path} is a folder, and an archive is one file: pack it, as in tar -c {path} | glacier upload VAULT -"
        )),
        Fault::Missing => {
            Failure::new(crate::exit::code::OTHER, format_args!("{path}: {}", reason(&io::ErrorKind::NotFound.into())))
        }
        _ => Failure::new(crate::exit::code::OTHER, error),
    }
}

fn empty(path: &Path) -> Failure {
    let name = if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    Failure::usage(format_args!("{name} is empty, and an archive has at least 1 byte: the service refuses it"))
}

async fn create_vault<T: Transport, C: ProvideCredentials>(
    args: &UploadArgs,
    client: &mut Client<T, C>,
    context: &Context<'_>,
) -> Result<(), Failure> {
    if args.create_vault {
        vault::create(&args.vault, client, context).await?;
    }
    Ok(())
}
