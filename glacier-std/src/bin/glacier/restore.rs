//! `glacier restore`: an archive comes back as a file, verified before it stands in its place.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use glacier_core::ops;
use glacier_core::{ArchiveId, Client, JobId, ProvideCredentials, Transport};
use glacier_std::transfer::{
    Event, Look, NewFile, Observer, Output, Ready, Restart, Restored, Retrieval, begin_retrieval, download, look_at, wait_for,
};
use serde::Serialize;

use crate::args::{Form, RestoreArgs, Tier};
use crate::context::Context;
use crate::exit::{Failure, code};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'r> {
    archive_id: &'r str,
    checksum: String,
    bytes: u64,
    path: String,
}

pub(crate) async fn run<T: Transport, C: ProvideCredentials>(
    args: &RestoreArgs,
    client: &mut Client<T, C>,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let vault = context.vault(&args.vault)?;
    let archive = ArchiveId::try_from(args.archive_id.as_str()).map_err(Failure::usage)?;
    // A target that cannot be written to is found before a job is paid for.
    let mut target = Target::open(args)?;
    let name = target.name();

    let job_id = match &args.job {
        Some(job_id) => {
            context.progress.note(Event::JobBegun { job_id });
            job_id.clone()
        }
        None => {
            let retrieval = Retrieval { vault, archive, tier: args.tier.map(tier) };
            let begun = begin_retrieval(client, &retrieval, context.manner).await;
            begun.map_err(|error| Failure::restore(&error, &name, &args.vault))?
        }
    };
    let job = JobId::try_from(job_id.as_str()).map_err(Failure::usage)?;
    let go_on = format!("go on with: glacier restore {} {} --job {job_id}", args.vault, args.archive_id);

    let ready = if args.no_wait {
        match look_at(client, vault, archive, job, context.manner).await {
            Ok(Look::Ready(ready)) => Ok(ready),
            Ok(Look::Pending(_)) => return Err(Failure::new(code::NOT_READY, "the retrieval job is not finished").and(go_on)),
            Err(error) => Err(error),
        }
    } else {
        wait_for(client, vault, archive, job, context.manner).await
    };
    let ready = ready.map_err(|error| Failure::restore(&error, &name, &args.vault))?;
    context.progress.expect(ready.size);
    let done = fetch(client, args, job, &ready, &mut target, context).await?;
    match target {
        Target::Stream(..) => Ok(()),
        Target::New(file, path) => {
            file.put_in_place().map_err(|error| Failure::file(&name, &error).and(go_on))?;
            print(args, &done, &path, context)
        }
    }
}

async fn fetch<T: Transport, C: ProvideCredentials>(
    client: &mut Client<T, C>,
    args: &RestoreArgs,
    job: JobId<'_>,
    ready: &Ready,
    target: &mut Target,
    context: &Context<'_>,
) -> Result<Restored, Failure> {
    let name = target.name();
    let vault = context.vault(&args.vault)?;
    let done = match target {
        Target::New(file, _) => download(client, vault, job, ready, file, context.manner).await,
        Target::Stream(stream, _) => download(client, vault, job, ready, stream, context.manner).await,
    };
    done.map_err(|error| {
        Failure::restore(&error, &name, &args.vault)
            .and(format_args!("the job's output stays for a day: glacier restore {} {} --job {job}", args.vault, args.archive_id))
    })
}

fn print(args: &RestoreArgs, done: &Restored, path: &Path, context: &mut Context<'_>) -> Result<(), Failure> {
    let path = path.display().to_string();
    match context.output.form {
        Form::Text => context.output.line(path),
        Form::Json => context.output.object(&Printed {
            archive_id: &args.archive_id,
            checksum: done.checksum.to_string(),
            bytes: done.bytes,
            path,
        }),
    }
}

fn tier(tier: Tier) -> ops::Tier {
    match tier {
        Tier::Expedited => ops::Tier::Expedited,
        Tier::Standard => ops::Tier::Standard,
        Tier::Bulk => ops::Tier::Bulk,
    }
}

/// Where the archive goes.
enum Target {
    /// A file that appears when all is verified.
    New(NewFile, PathBuf),
    /// Standard output, or something at the path that is no file: a pipe, a device. It gets the bytes as they come.
    Stream(Stream, PathBuf),
}

impl Target {
    fn open(args: &RestoreArgs) -> Result<Self, Failure> {
        let Some(path) = &args.output_file else {
            let path = PathBuf::from(default_name(&args.archive_id));
            return match NewFile::beside(&path, false) {
                Ok(file) => Ok(Target::New(file, path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Failure::usage(format_args!(
                    "{} is there already: name a file with -o FILE, which may be this one",
                    path.display()
                ))),
                Err(error) => Err(Failure::file(&path, &error)),
            };
        };
        if path == Path::new("-") {
            return Ok(Target::Stream(Stream(Box::new(io::stdout().lock())), "standard output".into()));
        }
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::IsADirectory => Failure::usage(format_args!(
                "{} is a folder: name a file in it, such as -o {}",
                path.display(),
                path.join(default_name(&args.archive_id)).display()
            )),
            _ => Failure::file(path, &error),
        };
        match fs::metadata(path) {
            Ok(there) if !there.is_file() && !there.is_dir() => {
                let file = fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
                Ok(Target::Stream(Stream(Box::new(file)), path.clone()))
            }
            _ => Ok(Target::New(NewFile::beside(path, true).map_err(failed)?, path.clone())),
        }
    }

    /// What the user calls it.
    fn name(&self) -> PathBuf {
        let (Target::New(_, name) | Target::Stream(_, name)) = self;
        name.clone()
    }
}

struct Stream(Box<dyn Write>);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Output for Stream {
    fn restart(&mut self) -> io::Result<Restart> {
        Ok(Restart::Impossible)
    }
}

/// A name that is told from the id, and that is neither an option nor a path.
fn default_name(archive_id: &str) -> String {
    let tame = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    format!("archive-{}", archive_id.chars().take(16).map(tame).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_name_is_a_plain_file_name() {
        assert_eq!(default_name("-abcdefghijklmnopqrst"), "archive--abcdefghijklmno");
        assert_eq!(default_name("../é b"), "archive-..___b");
    }
}
