"""The workload with boto3, as a program uses it: its default retries, and what its calls return or raise. `boto3_client.py URL PLAN`"""

import hashlib
import json
import sys
from pathlib import Path

import boto3
import botocore.exceptions
from botocore.config import Config

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import treehash
from glacier import REGION
from plan import body


def client(url, **options):
    return boto3.client(
        "glacier",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        # Stalls end soon; everything else is as boto3 has it.
        config=Config(proxies={}, connect_timeout=2, read_timeout=1, **options),
    )


class Workload:
    def __init__(self, url):
        self.glacier, self.ids = client(url), {}

    def run(self, step):
        """What became of one operation."""
        needed = [step[name] for name in ("upload", "job") if name in step] or [step[name] for name in ("archive",) if name in step]
        if any(number not in self.ids for number in needed):
            return {"result": "skipped"}
        try:
            return {"result": "ok", **(getattr(self, step["op"])(step) or {})}
        except botocore.exceptions.ClientError as error:
            return {"result": "failed", "error": str(error)}
        # The connection failed: whoever knows HTTP takes it that the service may have acted.
        except (botocore.exceptions.HTTPClientError, botocore.exceptions.BotoCoreError) as error:
            return {"result": "unknown", "error": f"{type(error).__name__}: {error}"}

    def CreateVault(self, step):
        self.glacier.create_vault(vaultName=step["vault"])

    def DescribeVault(self, step):
        self.glacier.describe_vault(vaultName=step["vault"])

    def ListVaults(self, step):
        self.glacier.list_vaults()

    def AddTagsToVault(self, step):
        self.glacier.add_tags_to_vault(vaultName=step["vault"], Tags={step["key"]: step["value"]})

    def ListTagsForVault(self, step):
        self.glacier.list_tags_for_vault(vaultName=step["vault"])

    def ListJobs(self, step):
        self.glacier.list_jobs(vaultName=step["vault"])

    def UploadArchive(self, step):
        data = body(step["n"], step["size"])
        done = self.glacier.upload_archive(vaultName=step["vault"], archiveDescription=str(step["n"]), body=data)
        self.ids[step["n"]] = done["archiveId"]
        return {"id": done["archiveId"]}

    def InitiateMultipartUpload(self, step):
        made = self.glacier.initiate_multipart_upload(
            vaultName=step["vault"], archiveDescription=str(step["n"]), partSize=str(step["part"])
        )
        self.ids[step["n"]] = made["uploadId"]
        return {"id": made["uploadId"]}

    def UploadMultipartPart(self, step):
        at, length = step["at"], step["length"]
        piece = body(step["upload"], step["size"])[at : at + length]
        self.glacier.upload_multipart_part(
            vaultName=step["vault"], uploadId=self.ids[step["upload"]], range=f"bytes {at}-{at + length - 1}/*", body=piece
        )

    def CompleteMultipartUpload(self, step):
        upload, size = self.ids.pop(step["upload"]), step["size"]
        tree = treehash.of_bytes(body(step["upload"], size))
        done = self.glacier.complete_multipart_upload(vaultName=step["vault"], uploadId=upload, archiveSize=str(size), checksum=tree)
        self.ids[step["upload"]] = done["archiveId"]
        return {"id": done["archiveId"]}

    def InitiateJob(self, step):
        parameters = {"Type": "archive-retrieval", "ArchiveId": self.ids[step["archive"]], "Description": str(step["n"])}
        job = self.glacier.initiate_job(vaultName=step["vault"], jobParameters=parameters)["jobId"]
        self.ids[step["n"]] = job
        return {"id": job}

    def DescribeJob(self, step):
        self.glacier.describe_job(vaultName=step["vault"], jobId=self.ids[step["job"]])

    def GetJobOutput(self, step):
        output = self.glacier.get_job_output(vaultName=step["vault"], jobId=self.ids[step["job"]])
        return {"sha256": hashlib.sha256(output["body"].read()).hexdigest()}

    def DeleteArchive(self, step):
        self.glacier.delete_archive(vaultName=step["vault"], archiveId=self.ids[step["archive"]])


def main(url, plan):
    work = Workload(url)
    for step in json.loads(Path(plan).read_text()):
        print(json.dumps({"n": step["n"], **work.run(step)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
