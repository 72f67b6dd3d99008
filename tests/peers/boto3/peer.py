"""boto3 against `glacier serve`: each reads the archives of the other, and every operation, paginator and waiter is used.
Traffic stays on the loopback."""

import hashlib
import io
import json
import sys

import boto3
import botocore
from botocore.utils import calculate_tree_hash

import readme_python
import settings
from bench import MIB, REGION, bench, client

import treehash
from report import Report, equal


def archive():
    "boto3 uploads an archive and retrieves it through a job"
    with bench() as b:
        for size in (1, MIB - 1, MIB, MIB + 1, 7 * MIB + 99):
            data = b.data(size)
            up = b.boto.upload_archive(vaultName="photos", archiveDescription="a description", body=data)
            tree = calculate_tree_hash(io.BytesIO(data))
            equal(up["checksum"], tree, "checksum of the upload")
            equal(tree, treehash.of_bytes(data), "botocore's tree hash and that of the developer guide's definition")
            assert up["location"] == f"/000000000000/vaults/photos/archives/{up['archiveId']}", up
            body, output, state = b.retrieve(up["archiveId"])
            equal(hashlib.sha256(body).hexdigest(), hashlib.sha256(data).hexdigest(), "SHA-256")
            equal(output["checksum"], tree, "checksum of the job's output")
            equal((state["SHA256TreeHash"], state["ArchiveSHA256TreeHash"]), (tree, tree), "checksums of the job")
            equal((state["ArchiveSizeInBytes"], output["archiveDescription"]), (size, "a description"), "size, description")


def multipart(b, data, part, order=None):
    upload = b.boto.initiate_multipart_upload(vaultName="photos", partSize=str(part), archiveDescription="in parts")["uploadId"]
    spans = [(at, data[at : at + part]) for at in range(0, len(data), part)]
    for at, piece in order(spans) if order else spans:
        sent = b.boto.upload_multipart_part(
            vaultName="photos", uploadId=upload, range=f"bytes {at}-{at + len(piece) - 1}/*", body=piece
        )
        equal(sent["checksum"], treehash.of_bytes(piece), f"checksum of the part at {at}")
    return upload, spans


def multipart_archive():
    "boto3 uploads in parts, out of order, lists them, completes, and retrieves"
    with bench() as b:
        data = b.data(11 * MIB // 2)
        upload, spans = multipart(b, data, MIB, order=lambda s: s[::-1])
        listed = b.boto.list_parts(vaultName="photos", uploadId=upload)
        equal(
            [(p["RangeInBytes"], p["SHA256TreeHash"]) for p in listed["Parts"]],
            [(f"{at}-{at + len(piece) - 1}", treehash.of_bytes(piece)) for at, piece in spans],
            "parts",
        )
        pages = b.pages("list_parts", 2, vaultName="photos", uploadId=upload)
        equal([p["RangeInBytes"] for page in pages for p in page], [p["RangeInBytes"] for p in listed["Parts"]], "pages")
        tree = treehash.of_bytes(data)
        done = b.boto.complete_multipart_upload(
            vaultName="photos", uploadId=upload, archiveSize=str(len(data)), checksum=tree
        )
        body, output, _ = b.retrieve(done["archiveId"])
        equal(body == data, True, "the archive equals the data")
        equal(output["checksum"], tree, "checksum")


def ranges():
    "boto3 retrieves a range of an archive and reads a range of the output"
    with bench() as b:
        data = b.data(4 * MIB + 5)
        archive = b.boto.upload_archive(vaultName="photos", body=data)["archiveId"]
        body, output, state = b.retrieve(archive, RetrievalByteRange=f"{2 * MIB}-{4 * MIB - 1}")
        equal(body == data[2 * MIB : 4 * MIB], True, "the range")
        equal(output["checksum"], treehash.of_bytes(data[2 * MIB : 4 * MIB]), "checksum of an aligned range")
        job, _ = b.job(Type="archive-retrieval", ArchiveId=archive)
        piece = b.boto.get_job_output(vaultName="photos", jobId=job, range="bytes=100-299")
        equal((piece["status"], piece["contentRange"]), (206, f"bytes 100-299/{len(data)}"), "partial output")
        equal(piece["body"].read() == data[100:300], True, "its bytes")


def glacier_reads_boto3():
    "glacier restores what boto3 uploaded, in one request and in parts"
    with bench() as b:
        data = b.data(3 * MIB + 1)
        whole = b.boto.upload_archive(vaultName="photos", body=data)["archiveId"]
        upload, _ = multipart(b, data, 2 * MIB)
        parts = b.boto.complete_multipart_upload(
            vaultName="photos", uploadId=upload, archiveSize=str(len(data)), checksum=treehash.of_bytes(data)
        )["archiveId"]
        for archive in (whole, parts):
            target = b.folder / "target"
            down = b.glacier.good("--output", "json", "restore", "photos", archive, "-o", target).json
            equal(target.read_bytes() == data, True, "the restored file equals the data")
            equal(down["checksum"], calculate_tree_hash(io.BytesIO(data)), "checksum")


def boto3_reads_glacier():
    "boto3 retrieves what glacier uploaded, in one request and in parts"
    with bench() as b:
        for options in ([], ["--part-size", "1MiB"]):
            file = b.file(3 * MIB + 1)
            up = b.glacier.good("--output", "json", "upload", "photos", file, "--description", "by glacier", *options).json
            body, output, state = b.retrieve(up["archiveId"])
            equal(body == file.read_bytes(), True, "the retrieved bytes equal the file")
            equal({output["checksum"], state["SHA256TreeHash"], up["checksum"]}, {calculate_tree_hash(io.BytesIO(body))}, "checksums")
            equal(output["archiveDescription"], "by glacier", "description")


def inventory():
    "boto3 runs an inventory job and finds every archive with its size and checksum"
    with bench() as b:
        made = {b.boto.upload_archive(vaultName="photos", archiveDescription=f"no. {n}", body=b.data(n))["archiveId"]: n for n in range(1, 8)}
        job, state = b.job(Type="inventory-retrieval")
        body = b.boto.get_job_output(vaultName="photos", jobId=job)["body"].read()
        listed = json.loads(body)
        equal(state["InventorySizeInBytes"], len(body), "inventory size")
        equal(listed["VaultARN"], f"arn:aws:glacier:{REGION}:000000000000:vaults/photos", "ARN")
        equal({item["ArchiveId"]: item["Size"] for item in listed["ArchiveList"]}, made, "archives")
        for item in listed["ArchiveList"]:
            equal(item["SHA256TreeHash"], treehash.of_bytes(b.data(item["Size"])), "tree hash")
            equal(item["ArchiveDescription"], f"no. {item['Size']}", "description")


def vaults_and_jobs():
    "boto3 creates, describes, pages through and deletes vaults, and lists jobs"
    with bench() as b:
        names = [f"v{n:02}" for n in range(23)]
        for name in names:
            equal(b.boto.create_vault(vaultName=name)["location"], f"/000000000000/vaults/{name}", "location")
        listed = [v["VaultName"] for page in b.boto.get_paginator("list_vaults").paginate() for v in page["VaultList"]]
        equal(listed, ["photos"] + names, "vaults over all pages")
        some = b.boto.list_vaults(limit="3")
        equal((len(some["VaultList"]), bool(some.get("Marker"))), (3, True), "a page of three")
        described = b.boto.describe_vault(vaultName="v05")
        equal(described["VaultARN"], f"arn:aws:glacier:{REGION}:000000000000:vaults/v05", "ARN")
        archive = b.boto.upload_archive(vaultName="photos", body=b"x")["archiveId"]
        job, _ = b.job(Type="archive-retrieval", ArchiveId=archive, Description="why")
        shown = b.glacier.good("--output", "json", "job", "info", "photos", job).json
        equal((shown["JobDescription"], shown["ArchiveId"]), ("why", archive), "the job, as glacier sees it")
        b.boto.delete_archive(vaultName="photos", archiveId=archive)
        b.boto.delete_archive(vaultName="photos", archiveId=archive)
        for _ in range(2):
            b.boto.delete_vault(vaultName="v05")
        b.fails("ResourceNotFoundException", 404, b.boto.delete_vault, vaultName="nosuch")
        b.fails("ResourceNotFoundException", 404, b.boto.describe_vault, vaultName="v05")


def typed_errors():
    "service errors arrive as boto3's typed exceptions, with a message and a request id"
    with bench() as b:
        boto, invalid, missing, absent = b.boto, "InvalidParameterValueException", "MissingParameterValueException", "ResourceNotFoundException"
        b.fails(absent, 404, boto.upload_archive, vaultName="nosuch", body=b"x")
        b.fails(absent, 404, boto.list_parts, vaultName="photos", uploadId="nosuch")
        b.fails(absent, 404, boto.describe_job, vaultName="photos", jobId="nosuch")
        b.fails(absent, 404, boto.initiate_job, vaultName="photos", jobParameters={"Type": "archive-retrieval", "ArchiveId": "x" * 138})
        b.fails(invalid, 400, boto.upload_archive, vaultName="photos", body=b"")
        b.fails(invalid, 400, boto.upload_archive, vaultName="photos", body=b"x", checksum="0" * 64)
        b.fails(invalid, 400, boto.initiate_multipart_upload, vaultName="photos", partSize=str(3 * MIB))
        b.fails(missing, 400, boto.initiate_multipart_upload, vaultName="photos")
        b.fails(invalid, 400, boto.create_vault, vaultName="no spaces")
        b.fails(invalid, 400, boto.initiate_job, vaultName="photos", jobParameters={"Type": "guess"})
        archive = boto.upload_archive(vaultName="photos", body=b.data(2 * MIB))["archiveId"]
        b.fails(invalid, 400, boto.initiate_job, vaultName="photos", jobParameters={"Type": "archive-retrieval", "ArchiveId": archive, "RetrievalByteRange": "5-1048575"})
        b.fails(invalid, 400, boto.delete_vault, vaultName="photos")


def multipart_errors():
    "a multipart upload with a gap, a wrong size or a wrong hash stays open, and is gone once aborted"
    with bench() as b:
        data, boto, invalid = b.data(3 * MIB), b.boto, "InvalidParameterValueException"
        tree = treehash.of_bytes(data)
        upload, _ = multipart(b, data, MIB, order=lambda spans: [spans[0], spans[2]])
        complete = lambda **k: dict(vaultName="photos", uploadId=upload, archiveSize=str(len(data)), checksum=tree) | k
        b.fails(invalid, 400, boto.complete_multipart_upload, **complete())
        part = lambda start, piece: boto.upload_multipart_part(
            vaultName="photos", uploadId=upload, range=f"bytes {start}-{start + len(piece) - 1}/*", body=piece
        )
        part(MIB, data[MIB : 2 * MIB])
        b.fails(invalid, 400, boto.complete_multipart_upload, **complete(archiveSize=str(len(data) - 1)))
        b.fails(invalid, 400, boto.complete_multipart_upload, **complete(checksum="0" * 64))
        b.fails(invalid, 400, lambda **_: part(12345, data[:MIB]))
        body, _, _ = b.retrieve(boto.complete_multipart_upload(**complete())["archiveId"])
        equal(body == data, True, "the archive equals the data")
        upload, _ = multipart(b, data, MIB)
        boto.abort_multipart_upload(vaultName="photos", uploadId=upload)
        b.fails("ResourceNotFoundException", 404, boto.list_parts, vaultName="photos", uploadId=upload)


def wrong_keys():
    "a wrong secret and an unknown key are rejected"
    with bench() as b:
        b.fails("InvalidSignatureException", 403, client(b.url, secret="wrong").list_vaults)
        b.fails("UnrecognizedClientException", 400, client(b.url, key="AKIDNOBODY").list_vaults)


CASES = [
    archive,
    multipart_archive,
    ranges,
    glacier_reads_boto3,
    boto3_reads_glacier,
    inventory,
    vaults_and_jobs,
    typed_errors,
    multipart_errors,
    wrong_keys,
    *readme_python.CASES,
    *settings.CASES,
]


def main():
    print(f"boto3 {boto3.__version__}, botocore {botocore.__version__}, Python {sys.version.split()[0]}")
    report = Report()
    for case in CASES:
        report.case(case.__doc__, case)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
