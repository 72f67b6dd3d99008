//! Whole uploads and downloads by glacier-std, as a program on a host does them: signed, verified, over the shipped transport.
//!
//! usage: bench-network URL MODE ..., with `AWS_CA_BUNDLE` for https
//!
//! | mode | does |
//! |---|---|
//! | `single FILE` | the file in one request |
//! | `parts FILE N` | in parts of 16 MiB, N of them in flight |
//! | `small FILE COUNT SIZE` | COUNT archives of SIZE bytes, one after the other |
//! | `download FILE SIZE HASH` | the output of the job into FILE, compared with this size and tree hash |

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::num::NonZeroU8;
use std::os::unix::fs::FileExt;
use std::path::Path;

use glacier_core::ops::{BodyHashes, UploadArchive};
use glacier_core::{Bytes, Client, Credentials, PartSize, PayloadHasher, TreeHash, VaultRef};
use glacier_std::clock;
use glacier_std::config::{Config, process_env};
use glacier_std::file::FileSource;
use glacier_std::http::{HttpOptions, HttpTransport};
use glacier_std::transfer::{Restart, RestoreWriter, RetrievedArchive, TransferOptions, UploadRequest, download, upload_file};

type Sink = Client<HttpTransport, Credentials<'static>>;
type Done = Result<(), Box<dyn Error>>;

fn main() -> Done {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(&words))
}

async fn run(words: &[&str]) -> Done {
    let [url, words @ ..] = words else {
        return Err("usage: bench-network URL MODE ..., with the modes at the top of its source".into());
    };
    let endpoint = Config::load(&process_env, None)?.endpoint(Some("us-east-1"), Some(url), false)?.value;
    let transport = HttpTransport::new(&endpoint.url, &HttpOptions::from_env(&process_env))?;
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None)?;
    let mut client = Client::new(transport, endpoint.to_core()?, credentials);
    match words {
        ["single", file] => upload(&mut client, file, PartSize::from_mib(4096)?, NonZeroU8::MIN).await,
        ["parts", file, at_once] => upload(&mut client, file, PartSize::from_mib(16)?, at_once.parse()?).await,
        ["small", file, count, size] => small(&mut client, file, count.parse()?, size.parse()?).await,
        ["download", file, size, hash] => restore(&mut client, file, size.parse()?, hash.parse()?).await,
        _ => Err("no such mode".into()),
    }
}

fn vault() -> VaultRef<'static> {
    "v".try_into().expect("a vault name")
}

async fn upload(client: &mut Sink, file: &str, part_size: PartSize, concurrency: NonZeroU8) -> Done {
    let mut file = FileSource::open(Path::new(file))?;
    let upload = UploadRequest::new(vault()).with_part_size(part_size).with_concurrency(concurrency);
    let archived = upload_file(client, &mut file, &upload, TransferOptions::new(&())).await?;
    println!("{}", archived.checksum);
    Ok(())
}

async fn small(client: &mut Sink, file: &str, count: u64, size: usize) -> Done {
    let file = File::open(file)?;
    let (mut body, mut buf) = (vec![0; size], vec![0; 2048]);
    let description = Some("d".try_into()?);
    for number in 0..count {
        file.read_exact_at(&mut body, number * size as u64)?;
        let mut hasher = PayloadHasher::new();
        hasher.update(&body);
        let operation = UploadArchive { vault: vault(), description, body: BodyHashes::try_from(hasher.finish()?)? };
        let output = client.upload(&operation, &mut Bytes::new(&body), clock::now(), &mut buf).await?;
        output.archive_id()?;
    }
    Ok(())
}

/// A file that is written as the bytes arrive.
struct Plain(File);

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl RestoreWriter for Plain {
    fn restart(&mut self) -> io::Result<Restart> {
        Ok(Restart::Impossible)
    }
}

async fn restore(client: &mut Sink, file: &str, size: u64, tree_hash: TreeHash) -> Done {
    let archive = RetrievedArchive::new(Some(size), tree_hash);
    let mut out = Plain(OpenOptions::new().write(true).create(true).truncate(true).open(file)?);
    let restored = download(client, vault(), "j".try_into()?, &archive, &mut out, TransferOptions::new(&())).await?;
    println!("{}", restored.checksum);
    Ok(())
}
