"""A served vault with boto3 and the glacier command as its clients, and a record of what boto3 has called."""

import random
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from glacier import REGION, Served, scratch
from report import equal

MIB = 1 << 20

# Operations that succeeded, paginators that gave more than one page, waiters that waited.
succeeded, paged, waited = set(), set(), set()


def client(url, secret="test", key="test"):
    made = boto3.client(
        "glacier",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, proxies={}, connect_timeout=10, read_timeout=60),
    )
    made.meta.events.register("after-call.glacier.*", note_success)
    return made


def note_success(model, http_response, **_):
    if http_response.status_code < 300:
        succeeded.add(model.name)


class Fixture:
    """A served vault `photos`, with boto3 and the glacier command as its clients."""

    def __init__(self, folder, vault):
        self.folder, self.glacier, self.url = folder, vault, vault.server.url
        self.boto = client(self.url)
        self.boto.create_vault(vaultName="photos")

    def data(self, size):
        return random.Random(size).randbytes(size)

    def file(self, size):
        path = self.folder / f"file-{size}"
        path.write_bytes(self.data(size))
        return path

    def job(self, **parameters):
        """Starts a job and polls it to its end, as a boto3 user does."""
        job = self.boto.initiate_job(vaultName="photos", jobParameters=parameters)["jobId"]
        for _ in range(200):
            state = self.boto.describe_job(vaultName="photos", jobId=job)
            if state["Completed"]:
                equal(state["StatusCode"], "Succeeded", "the job's status")
                return job, state
            time.sleep(0.02)
        raise AssertionError("the job did not end")

    def retrieve(self, archive, **parameters):
        job, state = self.job(Type="archive-retrieval", ArchiveId=archive, **parameters)
        output = self.boto.get_job_output(vaultName="photos", jobId=job)
        return output["body"].read(), output, state

    def pages(self, name, size, **arguments):
        """The items on each page of a paginator."""
        paginator = self.boto.get_paginator(name)
        pages = [page[paginator.result_keys[0].expression] for page in paginator.paginate(**arguments, PaginationConfig={"PageSize": size})]
        if len(pages) > 1:
            paged.add(name)
        return pages

    def fails(self, code, status, call, **arguments):
        """The call must fail with this error, as boto3's type for it."""
        try:
            call(**arguments)
        except ClientError as error:
            equal((error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]), (code, status), str(error))
            typed = getattr(self.boto.exceptions, code, ClientError)
            assert isinstance(error, typed), f"{type(error)} is not {code}"
            assert error.response["Error"]["Message"], "an error has a message"
            metadata = error.response["ResponseMetadata"]
            assert metadata.get("RequestId") or metadata["HTTPHeaders"].get("x-amzn-requestid"), "a request id"
            return str(error)
        raise AssertionError(f"{call.__name__} succeeded")


@contextmanager
def bench():
    with scratch("boto3") as name, Served(Path(name) / "data") as vault:
        b = Fixture(Path(name), vault)
        yield b
        b.boto.close()
