"""What a case is given: clients, vaults of its own, time, and the checks."""

import time
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from harness import clients
from harness.checks import Checks, NotImplementedByEndpoint
from harness.clock import DAY, HOUR, TIERS
from harness.control import Control
from harness.data import sample, tree_hash
from harness.raw import Raw


class Context(Checks):
    def __init__(self, settings, case, number):
        super().__init__()
        self.settings, self.clock, self.case = settings, settings.clock, case
        self.region = settings.region_of(case)
        self.prefix = f"c{settings.seed}-{number}"
        self.deadline = time.monotonic() + case.seconds + self.clock.seconds(case.days * DAY)
        self.made, self._vaults = [], 0  # (client, vault, archive ids)

    # Clients.

    def client(self, region=None, key=None, secret=None, token=None, **config):
        s = self.settings
        return clients.client(s.endpoint, region or self.region, key or s.key, secret or s.secret, token if key else token or s.token, **config)

    @property
    def glacier(self):
        return self.client()

    @property
    def other(self):
        """A client of another account; it names the owner of a vault: `accountId=t.account()`."""
        return self.client(None, *self.settings.other)

    def raw(self, region=None, key=None, secret=None, token=None):
        s = self.settings
        region, owner = region or self.region, self.client(region)

        def observer(reply):
            self.check_deadline()
            self.remember(owner, reply.headers.get("location", ""))

        return Raw(s.endpoint, region, key or s.key, secret or s.secret, token or s.token, observer)

    @property
    def control(self):
        return Control(self.settings.endpoint)

    def check_deadline(self):
        if time.monotonic() > self.deadline:
            raise AssertionError("the case does not end in the time that it has")

    def called(self, made, operation, parsed):
        if "Error" not in parsed:
            self.settings.seen.add(operation)
            self.remember(made, parsed.get("location", ""))

    def remember(self, made, location):
        """Keeps what has to be deleted at the end: a vault, or an archive, by its path."""
        match location.split("/"):
            case ["", _, "vaults", vault]:
                self.keep(made, vault)
            case ["", _, "vaults", vault, "archives", archive]:
                self.keep(made, vault).add(archive)

    def keep(self, made, vault):
        for client, name, archives in self.made:
            if (client, name) == (made, vault):
                return archives
        self.made.append((made, vault, set()))
        return self.made[-1][2]

    # Vaults.

    def name(self):
        """A name that no other case and no other run uses."""
        self._vaults += 1
        return f"{self.prefix}-{self._vaults}"

    def vault(self, client=None, name=None):
        client, name = client or self.glacier, name or self.name()
        client.create_vault(vaultName=name)
        self.keep(client, name)
        return name

    def another_region(self):
        return self.settings.another_region(self.region)

    def account(self):
        """The account of the credentials, as the ARN of a vault shows it."""
        self.settings.learn_account(self)
        return self.settings.account

    def arn(self, vault, region=None):
        return f"arn:aws:glacier:{region or self.region}:{self.account()}:vaults/{vault}"

    def upload(self, vault, size=100, seed=0, description="", client=None):
        return (client or self.glacier).upload_archive(vaultName=vault, archiveDescription=description, body=sample(size, seed))["archiveId"]

    def upload_in_parts(self, vault, body, part, description=""):
        """Initiates an upload and sends its parts; returns its id."""
        upload = self.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(part), archiveDescription=description)["uploadId"]
        for at in range(0, len(body), part):
            self.part(vault, upload, at, body[at : at + part])
        return upload

    def part(self, vault, upload, at, piece):
        span = f"bytes {at}-{at + len(piece) - 1}/*"
        return self.glacier.upload_multipart_part(vaultName=vault, uploadId=upload, range=span, body=piece)

    def complete(self, vault, upload, body):
        return self.glacier.complete_multipart_upload(
            vaultName=vault, uploadId=upload, archiveSize=str(len(body)), checksum=tree_hash(body)
        )

    # Jobs and inventories.

    def job(self, vault, **parameters):
        return self.glacier.initiate_job(vaultName=vault, jobParameters=parameters)["jobId"]

    def done(self, vault, job, tier="Standard"):
        """Polls a job to its end, which must be good; returns its description."""
        found = lambda: (d := self.glacier.describe_job(vaultName=vault, jobId=job))["Completed"] and d
        described = self.clock.until(found, f"a {tier} job is done", TIERS[tier])
        assert described["StatusCode"] == "Succeeded", f"the job ended as {described['StatusCode']}: {described.get('StatusMessage')}"
        return described

    def retrieved(self, vault, archive, tier="Expedited", **parameters):
        """A done archive retrieval; Expedited, so that little time passes."""
        job = self.job(vault, Type="archive-retrieval", ArchiveId=archive, Tier=tier, **parameters)
        self.done(vault, job, tier)
        return job

    def output(self, vault, job, **arguments):
        return self.glacier.get_job_output(vaultName=vault, jobId=job, **arguments)

    def inventoried(self, vault, after=""):
        """Waits until the vault has an inventory that is later than `after`; at once in instant mode. Returns its date."""

        def taken():
            date = self.glacier.describe_vault(vaultName=vault).get("LastInventoryDate") or ""
            return date > after and date

        return self.clock.until(taken, "an inventory", 36 * HOUR)

    def inventory(self, vault, **parameters):
        """A done retrieval of an inventory that has all uploads of the case: (job id, description)."""
        uploads = len(self.keep(self.glacier, vault))
        if not self.clock.instant:
            count = lambda: self.glacier.describe_vault(vaultName=vault).get("NumberOfArchives") == uploads
            self.clock.until(count, f"an inventory of {uploads} archives", 60 * HOUR)
        job = self.job(vault, Type="inventory-retrieval", **parameters)
        return job, self.done(vault, job)

    # The end.

    @contextmanager
    def running(self):
        clients.CURRENT.case = self
        try:
            yield
        finally:
            clients.CURRENT.case = None

    def clean(self):
        """Deletes what the case left; returns the vaults that the service does not delete yet."""
        later = []
        for made, vault, archives in self.made:
            try:
                if not cleaned(made, vault, archives):
                    later.append((made, vault, archives))
            except BotoCoreError:  # an endpoint that no longer responds is not asked again
                return later
        return later


def cleaned(client, vault, archives):
    """Deletes a vault with its contents; false when the service does not delete the vault yet."""
    quietly(client.delete_vault_access_policy, vaultName=vault)
    quietly(client.abort_vault_lock, vaultName=vault)
    for upload in (quietly(client.list_multipart_uploads, vaultName=vault) or {}).get("UploadsList", []):
        quietly(client.abort_multipart_upload, vaultName=vault, uploadId=upload["MultipartUploadId"])
    for archive in archives:
        quietly(client.delete_archive, vaultName=vault, archiveId=archive)
    return deleted(client, vault)


def deleted(client, vault):
    """DeleteVault alone: another try after the next inventory must not write to the vault."""
    try:
        client.delete_vault(vaultName=vault)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    except NotImplementedByEndpoint:
        return False
    return True


def quietly(call, **arguments):
    try:
        return call(**arguments)
    except (ClientError, NotImplementedByEndpoint):
        return None
