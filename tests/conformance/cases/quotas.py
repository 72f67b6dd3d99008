"""How much there may be: vaults, and the size of what is sent."""

from concurrent.futures import ThreadPoolExecutor

from harness import MIB, case
from harness.checks import INVALID, LIMIT


@case("CreateVault", region="thousand", seconds=240)
def vaults(t):
    "a region has at most 1,000 vaults: one more is LimitExceededException, and an existing one can still be created again"
    client = t.glacier
    there = sum(len(page["VaultList"]) for page in client.get_paginator("list_vaults").paginate())
    names = [f"{t.prefix}-{n:04}" for n in range(1000 - there)]
    for name in names:
        t.keep(client, name)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(client.create_vault, vaultName=name) for name in names]:
            done.result()
    try:
        t.fails(LIMIT, client.create_vault, vaultName=t.name())
        again = client.create_vault(vaultName=names[0])
        t.equal(again["ResponseMetadata"]["HTTPStatusCode"], 201, "status of one that exists")
        client.delete_vault(vaultName=names[0])
        t.equal(client.create_vault(vaultName=names[0])["ResponseMetadata"]["HTTPStatusCode"], 201, "status after one was deleted")
    finally:
        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(client.delete_vault, vaultName=name) for name in names]:
                done.result()
        t.made = [entry for entry in t.made if entry[1] not in set(names)]


@case("UploadArchive")
def upload_too_large(t):
    "an upload of more than 4 GiB is refused by its length"
    vault = t.vault()
    digest = "0" * 64
    raw = t.raw()
    request = raw.request("POST", f"/-/vaults/{vault}/archives", {"x-amz-content-sha256": digest, "x-amz-sha256-tree-hash": digest})
    raw.signer().add_auth(request)
    reply = raw.send(request, extra=[("Content-Length", str((4 << 30) + 1))], length=False)
    t.refused(INVALID, reply)


@case("UploadMultipartPart")
def part_too_large(t):
    "a part of more than the part size is refused by its length"
    vault = t.vault()
    upload = t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB))["uploadId"]
    digest = "0" * 64
    raw = t.raw()
    headers = {"x-amz-content-sha256": digest, "x-amz-sha256-tree-hash": digest, "content-range": f"bytes 0-{2 * MIB - 1}/*"}
    request = raw.request("PUT", f"/-/vaults/{vault}/multipart-uploads/{upload}", headers)
    raw.signer().add_auth(request)
    t.refused(INVALID, raw.send(request, extra=[("Content-Length", str(2 * MIB))], length=False))


@case("AddTagsToVault")
def body_too_large(t):
    "a JSON body of 2 MiB is refused with status 4xx"
    body = b'{"Tags": {"a": "' + b"v" * (2 * MIB) + b'"}}'
    reply = t.raw().call("POST", f"/-/vaults/{t.vault()}/tags?operation=add", body=body)
    t.true(400 <= reply.status < 500, f"status {reply.status}")


@case("DescribeVault", "CreateVault")
def many_at_once(t):
    "16 clients at once get their own vaults"
    client, names = t.glacier, [t.name() for _ in range(48)]
    for name in names:
        t.keep(client, name)

    def create(name):
        client.create_vault(vaultName=name)
        return client.describe_vault(vaultName=name)["VaultName"]

    with ThreadPoolExecutor(16) as pool:
        t.equal(list(pool.map(create, names)), names, "names")
