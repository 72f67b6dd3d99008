"""Jobs: initiated, looked at, downloaded; done when their time has come, and gone a day later."""

import hashlib
import json

import treehash
from actors import DAY, Actor, millis, within
from report import equal

HOUR = 3_600_000
TOPIC = "arn:aws:sns:eu-west-1:000000000000:done"
DURATIONS = {"Expedited": (HOUR // 60, HOUR // 12), "Standard": (3 * HOUR, 5 * HOUR), "Bulk": (5 * HOUR, 12 * HOUR)}
MIB = 1 << 20


class Job:
    def __init__(self, id, parameters, earliest):
        self.id, self.parameters, self.earliest = id, parameters, earliest
        self.created = self.completed = self.digest = None  # dates and the SHA-256 of its output, once they are known
        self.ended = False  # the service said that it does not know it

    @property
    def duration(self):
        return DURATIONS[self.parameters.get("Tier", "Standard")]


class Jobs(Actor):
    """Jobs have a description each, by which those are found that were not acknowledged."""

    def __init__(self, name, seed, time, ledger):
        super().__init__(name, seed, time)
        self.ledger = ledger
        self.jobs, self.downloads = {}, 0
        self._number = 0

    def step(self, rest):
        known = [job for job in self.jobs.values() if not job.ended]
        act = self.rng.random()
        if not known or act < 0.35:
            self._initiate(rest)
        elif act < 0.6:
            self._describe(rest, self.rng.choice(known))
        else:
            self._download(rest, self.rng.choice(known[-40:]))

    def _path(self, *more):
        return ["-", "vaults", self.ledger.vault, "jobs", *more]

    def _initiate(self, rest):
        self._number += 1
        parameters = {"Description": f"{self.name} {self._number}", "SNSTopic": TOPIC}
        archive = self.ledger.any(self.rng)
        if archive and self.rng.random() < 0.7:
            parameters |= {"Type": "archive-retrieval", "ArchiveId": archive, "Tier": self.rng.choice(list(DURATIONS))}
            if self.ledger.size(archive) > MIB:
                parameters["RetrievalByteRange"] = self.rng.choice([f"0-{MIB - 1}", f"{MIB}-{self.ledger.size(archive) - 1}"])
        else:
            archive = None
            parameters |= {"Type": "inventory-retrieval", "Format": self.rng.choice(["JSON", "CSV"])}
        earliest, body = self.time.latest, json.dumps(parameters).encode()
        response = self.send((parameters, earliest), (202, 404), rest.call, "POST", self._path(), body=body)
        if response.status == 404:
            # It was deleted meanwhile; or there is no inventory yet.
            assert archive is None or self.ledger.may_be_gone(archive), response
            return
        job = Job(response.headers["x-amz-job-id"], parameters, earliest)
        self.jobs[job.id] = job

    def _describe(self, rest, job):
        response = self.send(None, (200, 404), rest.call, "GET", self._path(job.id))
        if response.status == 404:
            job.ended = True
            return
        self._learn(job, response.json)
        self.time.saw(response.json["CompletionDate"] or response.json["CreationDate"])

    def _download(self, rest, job):
        response = self.send(None, (200, 400, 404), rest.call, "GET", self._path(job.id, "output"))
        if response.status == 400:
            assert job.completed is None, f"{job.parameters} was done already: {response}"
        elif response.status == 404:
            job.ended = True
        else:
            self.downloads += 1
            self._compare(job, response.body)

    def _compare(self, job, body):
        """The output is what was asked for, and stays the same."""
        digest = hashlib.sha256(body).hexdigest()
        assert job.digest in (None, digest), f"another output of {job.parameters}"
        job.digest = digest
        archive = job.parameters.get("ArchiveId")
        if archive:
            data = self.ledger.content(self.ledger.names[archive])
            if "RetrievalByteRange" in job.parameters:
                first, last = map(int, job.parameters["RetrievalByteRange"].split("-"))
                data = data[first : last + 1]
            assert body == data, f"{job.parameters}: wrong bytes"
        elif job.parameters["Format"] == "JSON":
            for item in json.loads(body)["ArchiveList"]:
                name = item["ArchiveDescription"]
                assert item["Size"] == int(name.split("-")[1]), item
                looked_at = self.rng.random() < 0.02
                assert not looked_at or item["SHA256TreeHash"] == treehash.of_bytes(self.ledger.content(name)), item

    def _learn(self, job, found):
        """Compares a job's description with what is known of the job."""
        wanted = job.parameters
        assert found["JobDescription"] == wanted["Description"], f"{found}, wanted {wanted}"
        if "ArchiveId" in wanted:
            assert (found["ArchiveId"], found["Tier"]) == (wanted["ArchiveId"], wanted["Tier"]), f"{found}, wanted {wanted}"
            whole = f"0-{self.ledger.size(wanted['ArchiveId']) - 1}"
            assert found["RetrievalByteRange"] == wanted.get("RetrievalByteRange", whole), f"{found}, wanted {wanted}"
        else:
            assert found["InventoryRetrievalParameters"]["Format"] == wanted["Format"], f"{found}, wanted {wanted}"
        created = millis(found["CreationDate"])
        assert job.earliest <= created and job.created in (None, created), f"{found}: {vars(job)}"
        job.created = created
        assert found["Completed"] == (found["StatusCode"] == "Succeeded") == (found["CompletionDate"] is not None), found
        if found["Completed"]:
            at = millis(found["CompletionDate"])
            within(created + job.duration[0], at, created + job.duration[1], f"CompletionDate of {found}")
            assert job.completed in (None, at), f"{found}: {vars(job)}"
            job.completed = at
        else:
            assert job.completed is None, f"it was done already: {found}: {vars(job)}"

    # After a kill; vault time stands still at `now`. `listed` are all jobs of the vault, by id; those that are known are taken out.
    # `told` counts the notifications of each: one of those that are done, and none of the others.

    def check_jobs(self, listed, now, told):
        if self.pending:
            parameters, earliest = self.pending
            for id, found in listed.items():
                if found["JobDescription"] == parameters["Description"]:
                    self.jobs[id] = Job(id, parameters, earliest)
            self.pending = None
        for job in list(self.jobs.values()):
            found = listed.pop(job.id, None)
            if found is None:
                done = job.completed or (job.created or job.earliest) + job.duration[0]
                assert done + DAY <= now, f"the job was lost: {vars(job)} at {now}"
                equal(told[job.id], 1, f"notifications of a job that has ended: {vars(job)}")
                del self.jobs[job.id]
                continue
            assert not job.ended, f"a job that had ended is back: {found}"
            self._learn(job, found)
            assert job.created <= now, found
            equal(told[job.id], int(found["Completed"]), f"notifications of {found}")
            if job.completed is None:
                assert now < job.created + job.duration[1], f"the job is not done: {found} at {now}"
            else:
                assert job.completed <= now < job.completed + DAY, f"{found} at {now}"
