// The AWS SDK for JavaScript, version 3, against `glacier serve` at the URL of the only argument: every operation, paginator and waiter.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import * as sdk from "@aws-sdk/client-glacier";

const [url] = process.argv.slice(2);
const MIB = 1 << 20;
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const client = new sdk.GlacierClient({ endpoint: url, region: "eu-west-1", credentials, maxAttempts: 1 });
const succeeded = new Set();

/** Calls an operation of a vault of this account. */
async function call(operation, input = {}) {
  const output = await client.send(new sdk[`${operation}Command`]({ accountId: "-", vaultName: "js", ...input }));
  succeeded.add(operation);
  return output;
}

/** The call must fail with this status and code. */
async function fails(status, code, operation, input) {
  const error = await call(operation, input).then(() => assert.fail(`${operation} succeeded`), (error) => error);
  assert.deepEqual([error.$metadata?.httpStatusCode, error.name], [status, code], error.stack);
  assert.ok(error.message && error.$metadata.requestId);
  // What the model declares has a class of its own.
  assert.equal(error.constructor.name, sdk[code] ? code : "GlacierServiceException");
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

/** The tree hash of the developer guide. */
function treeHash(bytes) {
  let level = [];
  for (let at = 0; at < bytes.length; at += MIB) level.push(sha256(bytes.subarray(at, at + MIB)));
  while (level.length > 1) {
    const next = [];
    for (let at = 0; at < level.length; at += 2) next.push(at + 1 < level.length ? sha256(Buffer.concat(level.slice(at, at + 2))) : level[at]);
    level = next;
  }
  return level[0].toString("hex");
}

async function pages(paginate, list, pageSize) {
  const found = [];
  for await (const page of paginate({ client, pageSize }, { accountId: "-", vaultName: "js" })) found.push(page[list].length);
  return found;
}

const ABSENT = [404, "ResourceNotFoundException"];
const DENIED = [403, "AccessDeniedException"];
const INVALID = [400, "InvalidParameterValueException"];
const LIMIT = [400, "LimitExceededException"];

async function vaults() {
  for (const vaultName of ["js", "other", "third"]) {
    assert.equal((await call("CreateVault", { vaultName })).location, `/000000000000/vaults/${vaultName}`);
  }
  assert.deepEqual(await pages(sdk.paginateListVaults, "VaultList", 2), [2, 1]);
  await call("ListVaults");
  assert.equal((await call("DescribeVault")).VaultARN, "arn:aws:glacier:eu-west-1:000000000000:vaults/js");
  await call("DeleteVault", { vaultName: "third" });
  await call("DeleteVault", { vaultName: "third" });
  await fails(...ABSENT, "DeleteVault", { vaultName: "nosuch" });
  const waiting = { client, maxWaitTime: 20 };
  assert.equal((await sdk.waitUntilVaultExists(waiting, { accountId: "-", vaultName: "js" })).state, "SUCCESS");
  assert.equal((await sdk.waitUntilVaultNotExists(waiting, { accountId: "-", vaultName: "third" })).state, "SUCCESS");
  await fails(...ABSENT, "DescribeVault", { vaultName: "third" });
}

async function tags() {
  await call("AddTagsToVault", { Tags: { project: "moon", Zoë: "a/b = c", empty: "" } });
  await call("RemoveTagsFromVault", { TagKeys: ["empty", "never there"] });
  assert.deepEqual((await call("ListTagsForVault")).Tags, { project: "moon", Zoë: "a/b = c" });
  const ten = (word) => Object.fromEntries([...Array(10).keys()].map((number) => [`${word} ${number}`, "x"]));
  for (const word of ["a", "b", "c", "d"]) await call("AddTagsToVault", { Tags: ten(word) });
  await fails(...LIMIT, "AddTagsToVault", { Tags: ten("e") });
}

async function notifications() {
  const vaultNotificationConfig = { SNSTopic: "arn:aws:sns:eu-west-1:000000000000:done", Events: ["ArchiveRetrievalCompleted"] };
  await call("SetVaultNotifications", { vaultNotificationConfig });
  assert.deepEqual((await call("GetVaultNotifications")).vaultNotificationConfig, vaultNotificationConfig);
  await call("DeleteVaultNotifications");
  await fails(...ABSENT, "GetVaultNotifications");
}

const policy = (statement) => {
  const Resource = "arn:aws:glacier:eu-west-1:000000000000:vaults/js";
  return { Policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Resource, ...statement }] }, null, 2) };
};

async function accessPolicy() {
  const Principal = { AWS: "arn:aws:iam::111122223333:root" };
  const access = policy({ Effect: "Allow", Principal, Action: ["glacier:InitiateJob"] });
  await call("SetVaultAccessPolicy", { policy: access });
  assert.deepEqual((await call("GetVaultAccessPolicy")).policy, access);
  await call("DeleteVaultAccessPolicy");
  await fails(...ABSENT, "GetVaultAccessPolicy");
  await fails(...INVALID, "SetVaultAccessPolicy", { policy: { Policy: "{" } });
}

async function lock() {
  const Condition = { NumericLessThan: { "glacier:ArchiveAgeInDays": "365" } };
  const keep = policy({ Effect: "Deny", Principal: "*", Action: "glacier:DeleteArchive", Condition });
  const vaultName = "other";
  keep.Policy = keep.Policy.replace("vaults/js", "vaults/other");
  const first = (await call("InitiateVaultLock", { vaultName, policy: keep })).lockId;
  await fails(...DENIED, "InitiateVaultLock", { vaultName, policy: keep });
  await call("AbortVaultLock", { vaultName });
  const { lockId } = await call("InitiateVaultLock", { vaultName, policy: keep });
  await fails(...INVALID, "CompleteVaultLock", { vaultName, lockId: first });
  await call("CompleteVaultLock", { vaultName, lockId });
  const state = await call("GetVaultLock", { vaultName });
  assert.deepEqual([state.Policy, state.State, state.ExpirationDate ?? null], [keep.Policy, "Locked", null]);
  await fails(...DENIED, "AbortVaultLock", { vaultName });
}

async function retrieve(ArchiveId, range) {
  const { jobId } = await call("InitiateJob", { jobParameters: { Type: "archive-retrieval", ArchiveId } });
  const job = await call("DescribeJob", { jobId });
  assert.deepEqual([job.Completed, job.StatusCode], [true, "Succeeded"]);
  const output = await call("GetJobOutput", { jobId, range });
  return { output, bytes: Buffer.from(await output.body.transformToByteArray()) };
}

async function archives() {
  const data = Buffer.alloc(2 * MIB + 99, "0123456789");
  // The SDK computes both hashes.
  const up = await call("UploadArchive", { body: data, archiveDescription: "a description" });
  assert.equal(up.checksum, treeHash(data));
  const { output, bytes } = await retrieve(up.archiveId);
  assert.deepEqual([bytes.equals(data), output.checksum, output.archiveDescription], [true, treeHash(data), "a description"]);
  const piece = await retrieve(up.archiveId, "bytes=100-299");
  assert.deepEqual([piece.bytes.equals(data.subarray(100, 300)), piece.output.status], [true, 206]);
  await fails(...INVALID, "UploadArchive", { body: data, checksum: "0".repeat(64) });

  const uploads = [];
  for (let n = 0; n < 2; n++) uploads.push((await call("InitiateMultipartUpload", { partSize: String(MIB) })).uploadId);
  assert.deepEqual(await pages(sdk.paginateListMultipartUploads, "UploadsList", 1), [1, 1]);
  const [uploadId, other] = uploads;
  for (let at = 2 * MIB; at >= 0; at -= MIB) {
    const body = data.subarray(at, at + MIB);
    const range = `bytes ${at}-${at + body.length - 1}/*`;
    assert.equal((await call("UploadMultipartPart", { uploadId, range, body })).checksum, treeHash(body));
  }
  const parts = [];
  for await (const page of sdk.paginateListParts({ client, pageSize: 2 }, { accountId: "-", vaultName: "js", uploadId })) parts.push(page.Parts.length);
  assert.deepEqual(parts, [2, 1]);
  await call("ListParts", { uploadId });
  const whole = { uploadId, archiveSize: String(data.length), checksum: treeHash(data) };
  await fails(...INVALID, "CompleteMultipartUpload", { ...whole, archiveSize: "1" });
  const made = await call("CompleteMultipartUpload", whole);
  assert.ok((await retrieve(made.archiveId)).bytes.equals(data));
  await call("AbortMultipartUpload", { uploadId: other });
  assert.deepEqual((await call("ListMultipartUploads")).UploadsList, []);

  const { jobId } = await call("InitiateJob", { jobParameters: { Type: "inventory-retrieval" } });
  const inventory = JSON.parse(await (await call("GetJobOutput", { jobId })).body.transformToString());
  assert.deepEqual(inventory.ArchiveList.map((archive) => archive.ArchiveId).sort(), [up.archiveId, made.archiveId].sort());
  assert.equal((await pages(sdk.paginateListJobs, "JobList", 3)).reduce((sum, length) => sum + length), 4);
  await call("ListJobs", { statuscode: "Succeeded", completed: "true" });
  await fails(...ABSENT, "GetJobOutput", { jobId: "nosuch" });
}

async function account() {
  const set = (rule) => call("SetDataRetrievalPolicy", { Policy: { Rules: [rule] } });
  await set({ Strategy: "BytesPerHour", BytesPerHour: 1 });
  assert.deepEqual((await call("GetDataRetrievalPolicy")).Policy.Rules, [{ Strategy: "BytesPerHour", BytesPerHour: 1 }]);
  const { archiveId } = await call("UploadArchive", { body: Buffer.alloc(MIB) });
  const jobParameters = { Type: "archive-retrieval", ArchiveId: archiveId };
  await fails(400, "PolicyEnforcedException", "InitiateJob", { jobParameters });
  await set({ Strategy: "None" });
  await call("InitiateJob", { jobParameters });
  await call("DeleteArchive", { archiveId });
  await fails(...ABSENT, "InitiateJob", { jobParameters });
  const bought = [];
  for (let n = 0; n < 2; n++) bought.push((await call("PurchaseProvisionedCapacity")).capacityId);
  const listed = (await call("ListProvisionedCapacity")).ProvisionedCapacityList;
  assert.deepEqual(listed.map((unit) => unit.CapacityId).sort(), bought.sort());
  await fails(...LIMIT, "PurchaseProvisionedCapacity");
}

async function everything() {
  const all = Object.keys(sdk).filter((name) => name.endsWith("Command") && name !== "$Command").map((name) => name.slice(0, -7));
  assert.deepEqual([...succeeded].sort(), all.sort());
  assert.equal(all.length, 33);
}

let failed = 0;
const cases = [vaults, tags, notifications, accessPolicy, lock, archives, account, everything];
for (const run of cases) {
  try {
    await run();
    console.log(`ok      ${run.name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${run.name}\n${error.stack}`);
  }
}
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
