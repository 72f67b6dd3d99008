"""Vaults, archives, uploads in parts, jobs and their lists, as somebody types them."""

import csv
import io
import json
import random

import treehash
from glacier import REGION
from report import equal

MIB = 1 << 20
INVALID, MISSING, ABSENT = "InvalidParameterValueException", "MissingParameterValueException", "ResourceNotFoundException"
PHOTOS = ("--vault-name", "photos")


def arn(vault):
    return f"arn:aws:glacier:{REGION}:000000000000:vaults/{vault}"


def data(size):
    return random.Random(size).randbytes(size)


def vaults(aws):
    "vaults are created, described, listed page by page and deleted"
    names = ["photos"] + [f"v{n:02}" for n in range(11)]
    for running in [aws.start("create-vault", "--vault-name", name) for name in names]:
        equal(running.end().code, 0, "exit code of create-vault")
    equal(aws.good("create-vault", *PHOTOS)["location"], "/000000000000/vaults/photos", "location")
    described = aws.good("describe-vault", *PHOTOS)
    equal((described["VaultName"], described["VaultARN"]), ("photos", arn("photos")), "the vault")
    listed = aws.run("list-vaults", "--page-size", 5)
    equal([vault["VaultName"] for vault in listed.json["VaultList"]], names, "vaults")
    equal(listed.calls, [("ListVaults", 200)] * 3, "pages")
    one = aws.good("list-vaults", "--no-paginate", "--limit", 1)
    equal((len(one["VaultList"]), one["Marker"]), (1, arn("photos")), "a page of one")
    for running in [aws.start("delete-vault", "--vault-name", name) for name in names[1:]]:
        equal(running.end().code, 0, "exit code of delete-vault")
    equal([vault["VaultName"] for vault in aws.good("list-vaults")["VaultList"]], ["photos"], "the vaults that are left")
    aws.good("delete-vault", "--vault-name", names[1])
    aws.fails(ABSENT, 404, "describe-vault", "--vault-name", "nosuch")
    aws.fails(ABSENT, 404, "delete-vault", "--vault-name", "nosuch")
    aws.fails(INVALID, 400, "create-vault", "--vault-name", "no spaces")


def retrieve(aws, archive, *words, **parameters):
    """The output of a retrieval job: its bytes, what the command says about it, and the description of the job."""
    wanted = json.dumps({"Type": "archive-retrieval", "ArchiveId": archive} | parameters)
    job = aws.good("initiate-job", *PHOTOS, "--job-parameters", wanted)["jobId"]
    state = aws.good("describe-job", *PHOTOS, f"--job-id={job}")
    equal((state["Completed"], state["StatusCode"]), (True, "Succeeded"), "the job")
    target = aws.folder / "output"
    said = aws.good("get-job-output", *PHOTOS, f"--job-id={job}", *words, target)
    return target.read_bytes(), said, state


def archive(aws):
    "an archive goes up, comes back, whole and in ranges, and is deleted"
    content = data(3 * MIB + 7)
    up = aws.good("upload-archive", *PHOTOS, "--archive-description", "a description", "--body", aws.file("up", content))
    tree = treehash.of_bytes(content)
    equal(up["checksum"], tree, "checksum of the upload")
    equal(up["location"], f"/000000000000/vaults/photos/archives/{up['archiveId']}", "location")
    body, said, state = retrieve(aws, up["archiveId"], Description="why", Tier="Bulk")
    equal((body == content, said["checksum"], said["archiveDescription"], said["status"]), (True, tree, "a description", 200), "output")
    got = tuple(state[name] for name in ("ArchiveId", "JobDescription", "Tier", "SHA256TreeHash", "ArchiveSizeInBytes"))
    equal(got, (up["archiveId"], "why", "Bulk", tree, len(content)), "the job")
    body, said, _ = retrieve(aws, up["archiveId"], RetrievalByteRange=f"{2 * MIB}-{len(content) - 1}")
    equal((body == content[2 * MIB :], said["checksum"]), (True, treehash.of_bytes(content[2 * MIB :])), "a range of the archive")
    body, said, _ = retrieve(aws, up["archiveId"], "--range", "bytes=100-299")
    equal((body == content[100:300], said["status"], said["contentRange"]), (True, 206, f"bytes 100-299/{len(content)}"), "a piece")

    aws.fails(INVALID, 400, "delete-vault", *PHOTOS)
    aws.fails(INVALID, 400, "upload-archive", *PHOTOS, "--checksum", "0" * 64, "--body", aws.file("up", b"x"))
    aws.fails(ABSENT, 404, "upload-archive", "--vault-name", "nosuch", "--body", aws.file("up", b"x"))
    misaligned = {"Type": "archive-retrieval", "ArchiveId": up["archiveId"], "RetrievalByteRange": "5-1048575"}
    aws.fails(INVALID, 400, "initiate-job", *PHOTOS, "--job-parameters", json.dumps(misaligned))
    aws.fails(ABSENT, 404, "describe-job", *PHOTOS, "--job-id", "nosuch")
    aws.fails(ABSENT, 404, "get-job-output", *PHOTOS, "--job-id", "nosuch", aws.folder / "none")
    for _ in range(2):
        aws.good("delete-archive", *PHOTOS, f"--archive-id={up['archiveId']}")
    gone = json.dumps({"Type": "archive-retrieval", "ArchiveId": up["archiveId"]})
    aws.fails(ABSENT, 404, "initiate-job", *PHOTOS, "--job-parameters", gone)


def parts(aws):
    "an upload in parts, out of order: listed, completed, retrieved; another is aborted"
    content = data(2 * MIB + 99)
    uploads = [
        aws.good("initiate-multipart-upload", *PHOTOS, "--part-size", MIB, "--archive-description", f"no. {n}")["uploadId"] for n in range(3)
    ]
    listed = aws.run("list-multipart-uploads", *PHOTOS, "--page-size", 2)
    got = {(upload["MultipartUploadId"], upload["ArchiveDescription"], upload["PartSizeInBytes"]) for upload in listed.json["UploadsList"]}
    equal(got, {(upload, f"no. {n}", MIB) for n, upload in enumerate(uploads)}, "uploads in progress")
    equal(listed.calls, [("ListMultipartUploads", 200)] * 2, "pages of uploads")

    this = (*PHOTOS, f"--upload-id={uploads[0]}")
    spans = [(at, content[at : at + MIB]) for at in range(0, len(content), MIB)]
    for at, piece in reversed(spans):
        words = ("--range", f"bytes {at}-{at + len(piece) - 1}/*", "--body", aws.file("part", piece))
        equal(aws.good("upload-multipart-part", *this, *words)["checksum"], treehash.of_bytes(piece), "checksum of a part")
    listed = aws.run("list-parts", *this, "--page-size", 2)
    wanted = [(f"{at}-{at + len(piece) - 1}", treehash.of_bytes(piece)) for at, piece in spans]
    equal([(part["RangeInBytes"], part["SHA256TreeHash"]) for part in listed.json["Parts"]], wanted, "parts")
    equal(listed.calls, [("ListParts", 200)] * 2, "pages of parts")

    tree = treehash.of_bytes(content)
    done = ("--archive-size", len(content), "--checksum", tree)
    aws.fails(INVALID, 400, "complete-multipart-upload", *this, "--archive-size", len(content) - 1, "--checksum", tree)
    aws.fails(INVALID, 400, "complete-multipart-upload", *this, "--archive-size", len(content), "--checksum", "0" * 64)
    aws.fails(INVALID, 400, "upload-multipart-part", *this, "--range", f"bytes 5-{MIB + 4}/*", "--body", aws.file("part", content[:MIB]))
    made = aws.good("complete-multipart-upload", *this, *done)
    equal(aws.good("complete-multipart-upload", *this, *done)["archiveId"], made["archiveId"], "the id, when it is completed again")
    body, said, _ = retrieve(aws, made["archiveId"])
    equal((body == content, said["checksum"], said["archiveDescription"]), (True, tree, "no. 0"), "the archive")

    aws.good("abort-multipart-upload", *PHOTOS, f"--upload-id={uploads[1]}")
    left = aws.good("list-multipart-uploads", *PHOTOS)["UploadsList"]
    equal([upload["MultipartUploadId"] for upload in left], [uploads[2]], "the upload that is left")
    aws.fails(ABSENT, 404, "list-parts", *PHOTOS, f"--upload-id={uploads[1]}")
    aws.fails(INVALID, 400, "initiate-multipart-upload", *PHOTOS, "--part-size", 3 * MIB)
    aws.fails(MISSING, 400, "initiate-multipart-upload", *PHOTOS)


def inventory(aws):
    "inventories in JSON and CSV have every archive; the jobs are listed page by page"
    aws.good("create-vault", "--vault-name", "listed")
    listed = ("--vault-name", "listed")
    made = {}
    for size in (1, 2, 3):
        up = aws.good("upload-archive", *listed, "--archive-description", f'no. {size}, "a"', "--body", aws.file("up", data(size)))
        made[up["archiveId"]] = (f'no. {size}, "a"', size, treehash.of_bytes(data(size)))
    target, jobs = aws.folder / "inventory", []
    for form, kind in (("JSON", "application/json"), ("CSV", "text/csv")):
        jobs.append(aws.good("initiate-job", *listed, "--job-parameters", f"Type=inventory-retrieval,Format={form}")["jobId"])
        said = aws.good("get-job-output", *listed, f"--job-id={jobs[-1]}", target)
        equal((said["contentType"], said["status"]), (kind, 200), "content type")
        if form == "JSON":
            document = json.loads(target.read_text())
            equal(document["VaultARN"], arn("listed"), "ARN")
            rows = document["ArchiveList"]
        else:
            # The service escapes a double quote with a backslash.
            rows = list(csv.DictReader(io.StringIO(target.read_text()), doublequote=False, escapechar="\\"))
        got = {row["ArchiveId"]: (row["ArchiveDescription"], int(row["Size"]), row["SHA256TreeHash"]) for row in rows}
        equal(got, made, f"inventory in {form}")
    aws.fails(INVALID, 400, "initiate-job", *listed, "--job-parameters", "Type=inventory-retrieval,Format=XML")

    again = aws.run("list-jobs", *listed, "--page-size", 1, "--statuscode", "Succeeded", "--completed", "true")
    equal([job["JobId"] for job in again.json["JobList"]], jobs, "jobs")
    equal(set(again.calls) == {("ListJobs", 200)} and len(again.calls) >= 2, True, f"pages of jobs: {again.calls}")
    equal(aws.good("list-jobs", *listed, "--completed", "false")["JobList"], [], "jobs that are not completed")
    aws.fails(INVALID, 400, "list-jobs", *listed, "--statuscode", "Guess")


# `vaults` comes before: it looks at all of them.
CASES = [archive, parts, inventory]
