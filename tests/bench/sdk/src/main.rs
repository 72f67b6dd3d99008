//! Whole uploads and downloads by the AWS SDK for Rust, as its documentation shows them.
//!
//! usage: bench-sdk URL MODE ..., with the modes of bench-network
//!
//! The SDK neither divides files into parts nor verifies downloads, so this program does both, as its callers must. It takes the hashes of the
//! parts from the responses, since the SDK does not expose those it computed.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_glacier::primitives::{ByteStream, Length};
use aws_smithy_http_client::Builder;
use ring::digest::{Context, SHA256, digest};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

type Done = Result<(), Box<dyn Error + Send + Sync>>;

const MIB: usize = 1 << 20;
const PART: u64 = 16 << 20;

fn main() -> Done {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // As #[tokio::main] builds it.
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(&words))
}

async fn run(words: &[&str]) -> Done {
    let [url, words @ ..] = words else { return Err("usage: bench-sdk URL MODE ...".into()) };
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None, None, "bench");
    let config = Config::builder().behavior_version(BehaviorVersion::latest()).region(Region::new("us-east-1"));
    let config = config.endpoint_url(*url).credentials_provider(credentials).http_client(Builder::new().build_http());
    let client = Client::from_conf(config.build());
    match words {
        ["single", file] => {
            let body = ByteStream::from_path(file).await?;
            let output = client.upload_archive().account_id("-").vault_name("v").body(body).send().await?;
            println!("{}", output.checksum().unwrap_or_default());
            Ok(())
        }
        ["parts", file, at_once] => parts(&client, file, at_once.parse()?).await,
        ["small", file, count, size] => small(&client, file, count.parse()?, size.parse()?).await,
        ["download", file, _, hash] => download(&client, file, hash).await,
        _ => Err("no such mode".into()),
    }
}

async fn parts(client: &Client, file: &str, at_once: usize) -> Done {
    let size = std::fs::metadata(file)?.len();
    let initiated = client.initiate_multipart_upload().account_id("-").vault_name("v").part_size(PART.to_string()).send().await?;
    let upload = initiated.upload_id().ok_or("no upload id")?.to_owned();
    let room = Arc::new(Semaphore::new(at_once));
    let mut tasks = JoinSet::new();
    for first in (0..size).step_by(PART as usize) {
        let room = Arc::clone(&room).acquire_owned().await?;
        let (client, upload, file) = (client.clone(), upload.clone(), file.to_owned());
        tasks.spawn(async move {
            let length = PART.min(size - first);
            let body = ByteStream::read_from().path(file).offset(first).length(Length::Exact(length)).build().await?;
            let range = format!("bytes {first}-{}/*", first + length - 1);
            let request = client.upload_multipart_part().account_id("-").vault_name("v").upload_id(upload).range(range);
            let output = request.body(body).send().await?;
            drop(room);
            Ok::<_, Box<dyn Error + Send + Sync>>((first, bytes(output.checksum().unwrap_or_default())?))
        });
    }
    let mut parts = Vec::new();
    while let Some(part) = tasks.join_next().await {
        parts.push(part??);
    }
    parts.sort();
    let checksum = root(parts.into_iter().map(|(_, hash)| hash).collect());
    let request = client.complete_multipart_upload().account_id("-").vault_name("v").upload_id(upload);
    request.archive_size(size.to_string()).checksum(&checksum).send().await?;
    println!("{checksum}");
    Ok(())
}

async fn small(client: &Client, file: &str, count: u64, size: usize) -> Done {
    let file = File::open(file)?;
    for number in 0..count {
        let mut body = vec![0; size];
        file.read_exact_at(&mut body, number * size as u64)?;
        let request = client.upload_archive().account_id("-").vault_name("v").archive_description("d");
        request.body(ByteStream::from(body)).send().await?;
    }
    Ok(())
}

async fn download(client: &Client, file: &str, wanted: &str) -> Done {
    let mut out = File::create(file)?;
    let mut output = client.get_job_output().account_id("-").vault_name("v").job_id("j").send().await?;
    let (mut row, mut leaf, mut filled) = (Vec::new(), Context::new(&SHA256), 0);
    while let Some(piece) = output.body.next().await {
        let piece = piece?;
        out.write_all(&piece)?;
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let (now, after) = rest.split_at(rest.len().min(MIB - filled));
            leaf.update(now);
            (filled, rest) = (filled + now.len(), after);
            if filled == MIB {
                row.push(std::mem::replace(&mut leaf, Context::new(&SHA256)).finish().as_ref().to_vec());
                filled = 0;
            }
        }
    }
    if filled > 0 {
        row.push(leaf.finish().as_ref().to_vec());
    }
    let hash = root(row);
    println!("{hash}");
    if hash == wanted { Ok(()) } else { Err("the tree hashes differ".into()) }
}

fn root(mut row: Vec<Vec<u8>>) -> String {
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|pair| if pair.len() == 2 { digest(&SHA256, &pair.concat()).as_ref().to_vec() } else { pair[0].clone() })
            .collect();
    }
    row.concat().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Result<Vec<u8>, std::num::ParseIntError> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16)).collect()
}
