"""What a test of a program that archives and restores can look like."""

import json

import pytest

HOUR = 3600
CONTENT = b"what must not be lost" * 1000


def archived(glacier):
    glacier.create_vault(vaultName="photos")
    return glacier.upload_archive(vaultName="photos", archiveDescription="holiday", body=CONTENT)["archiveId"]


def test_a_retrieval_takes_hours_of_virtual_time(vaults):
    glacier = vaults.glacier
    retrieval = {"Type": "archive-retrieval", "ArchiveId": archived(glacier), "Tier": "Standard"}
    job = glacier.initiate_job(vaultName="photos", jobParameters=retrieval)["jobId"]
    with pytest.raises(glacier.exceptions.InvalidParameterValueException):
        glacier.get_job_output(vaultName="photos", jobId=job)
    vaults.advance(5 * HOUR)
    assert glacier.describe_job(vaultName="photos", jobId=job)["StatusCode"] == "Succeeded"
    assert glacier.get_job_output(vaultName="photos", jobId=job)["body"].read() == CONTENT
    vaults.advance(24 * HOUR)
    with pytest.raises(glacier.exceptions.ResourceNotFoundException):
        glacier.get_job_output(vaultName="photos", jobId=job)


def test_throttling_is_retried(vaults):
    archived(vaults.glacier)
    throttled = {"operation": "DescribeVault", "nth": 1, "times": 2, "fault": {"kind": "throttle"}}
    vaults.faults(throttled)
    assert vaults.glacier.describe_vault(vaultName="photos")["VaultName"] == "photos"
    assert vaults.hits() == [2]
    vaults.faults(throttled)
    impatient = vaults.client(attempts=2)
    with pytest.raises(impatient.exceptions.ClientError, match="Throttling"):
        impatient.describe_vault(vaultName="photos")


def test_a_job_that_is_done_is_notified(vaults, tmp_path):
    glacier = vaults.glacier
    topic = "arn:aws:sns:us-east-1:000000000000:restored"
    retrieval = {"Type": "archive-retrieval", "ArchiveId": archived(glacier), "SNSTopic": topic}
    job = glacier.initiate_job(vaultName="photos", jobParameters=retrieval)["jobId"]
    vaults.advance(5 * HOUR)
    described = glacier.describe_job(vaultName="photos", jobId=job)
    (line,) = (tmp_path / "vaults" / "notifications.jsonl").read_text().splitlines()
    notification = json.loads(line)
    assert (notification["topic"], notification["message"]["JobId"]) == (topic, job)
    assert notification["at"] == described["CompletionDate"]
