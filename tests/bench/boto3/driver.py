"""Whole uploads and downloads by boto3, as its documentation shows them.

usage: driver.py URL MODE ..., with the modes of bench-network

boto3 neither divides files into parts nor verifies downloads, so this does both, as its callers must.
"""

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

MIB = 1 << 20
PART = 16 * MIB
VAULT = {"accountId": "-", "vaultName": "v"}


def root(row):
    while len(row) > 1:
        pairs = [row[at : at + 2] for at in range(0, len(row), 2)]
        row = [hashlib.sha256(b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return row[0].hex()


def single(client, file):
    with open(file, "rb") as body:
        print(client.upload_archive(**VAULT, body=body)["checksum"])


def parts(client, file, at_once):
    size = os.path.getsize(file)
    upload = client.initiate_multipart_upload(**VAULT, partSize=str(PART))["uploadId"]
    descriptor = os.open(file, os.O_RDONLY)

    def send(first):
        body = os.pread(descriptor, PART, first)
        span = f"bytes {first}-{first + len(body) - 1}/*"
        return bytes.fromhex(client.upload_multipart_part(**VAULT, uploadId=upload, range=span, body=body)["checksum"])

    with ThreadPoolExecutor(int(at_once)) as pool:
        checksum = root(list(pool.map(send, range(0, size, PART))))
    client.complete_multipart_upload(**VAULT, uploadId=upload, archiveSize=str(size), checksum=checksum)
    print(checksum)


def small(client, file, count, size):
    descriptor = os.open(file, os.O_RDONLY)
    for number in range(int(count)):
        body = os.pread(descriptor, int(size), number * int(size))
        client.upload_archive(**VAULT, archiveDescription="d", body=body)


def download(client, file, size, checksum):
    row = []
    with open(file, "wb") as out:
        for piece in client.get_job_output(**VAULT, jobId="j")["body"].iter_chunks(MIB):  # each of 1 MiB except the last
            out.write(piece)
            row.append(hashlib.sha256(piece).digest())
    print(root(row))
    if root(row) != checksum:
        sys.exit("the tree hashes differ")


def main():
    url, mode, *rest = sys.argv[1:]
    client = boto3.client(
        "glacier",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        config=Config(max_pool_connections=16),
    )
    {"single": single, "parts": parts, "small": small, "download": download}[mode](client, *rest)


main()
