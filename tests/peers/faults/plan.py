"""The workload, 1,000 operations, and the script with faults for 5 % of them; both follow from a seed."""

import random

MIB = 1 << 20
VAULTS = ("attic", "barn", "cellar")
OPERATIONS = 1000

# For all operations, in percent. What goes wrong at one kind of operation only is ordered for that alone.
EVERYWHERE = 0.3
SPECIAL = 2.0


def script(seed):
    """About 5 % of all requests, over all kinds of faults."""
    everywhere = [
        {"kind": "error", "status": 500, "code": "ServiceUnavailableException"},
        {"kind": "error", "status": 502, "code": "BadGateway"},
        {"kind": "throttle"},
        {"kind": "delay", "seconds": 0.2},
        {"kind": "stall"},
        {"kind": "cut-request", "bytes": 100},
        {"kind": "cut-response", "bytes": 100},
        {"kind": "reset"},
        {"kind": "lose-reply"},
        {"kind": "expired-credentials"},
        {"kind": "insufficient-capacity"},
        {"kind": "no-longer-supported"},
    ]
    special = [
        ("GetJobOutput", {"kind": "corrupt", "where": "body"}),
        ("UploadArchive", {"kind": "corrupt", "where": "tree-hash"}),
        ("InitiateJob", {"kind": "job-fails"}),
    ]
    rules = [{"operation": operation, "percent": SPECIAL, "fault": fault} for operation, fault in special]
    rules += [{"operation": "*", "percent": EVERYWHERE, "fault": fault} for fault in everywhere]
    return {"seed": seed, "rules": rules}


def body(n, size):
    """The bytes of the archive that operation n makes; every client has this function."""
    line = f"archive {n}\n".encode()
    return (line * (size // len(line) + 1))[:size]


def workload(seed):
    """Operations in order. Each refers to what it needs by the number of the operation that made it."""
    chance = random.Random(seed)
    plan, archives, jobs, described = [], [], [], []

    def add(op, **members):
        plan.append({"n": len(plan), "op": op, **members})
        return plan[-1]["n"]

    # Twice, so that a vault is there.
    for _ in range(2):
        for vault in VAULTS:
            add("CreateVault", vault=vault)
    while len(plan) < OPERATIONS:
        vault = chance.choice(VAULTS)
        pick = chance.random()
        if pick < 0.40:
            archives.append((add("UploadArchive", vault=vault, size=chance.randint(1, 60_000)), vault))
        elif pick < 0.42 and len(plan) + 5 <= OPERATIONS:
            size = 2 * MIB + chance.randint(1, 60_000)
            upload = add("InitiateMultipartUpload", vault=vault, size=size, part=MIB)
            for at in range(0, size, MIB):
                add("UploadMultipartPart", vault=vault, upload=upload, size=size, at=at, length=min(MIB, size - at))
            add("CompleteMultipartUpload", vault=vault, upload=upload, size=size)
            archives.append((upload, vault))
        elif pick < 0.56 and archives:
            archive, vault = chance.choice(archives)
            jobs.append((add("InitiateJob", vault=vault, archive=archive), vault, archive))
        elif pick < 0.66 and jobs:
            job, vault, archive = jobs.pop(0)
            add("DescribeJob", vault=vault, job=job)
            described.append((job, vault, archive))
        elif pick < 0.80 and described:
            job, vault, archive = chance.choice(described)
            add("GetJobOutput", vault=vault, job=job, archive=archive)
        elif pick < 0.85 and len(archives) > 20:
            archive, vault = archives.pop(chance.randrange(len(archives)))
            add("DeleteArchive", vault=vault, archive=archive)
        elif pick < 0.88:
            add("AddTagsToVault", vault=vault, key=f"key-{len(plan) % 10}", value=str(len(plan)))
        elif pick < 0.90:
            add("ListTagsForVault", vault=vault)
        elif pick < 0.94:
            add("DescribeVault", vault=vault)
        elif pick < 0.97:
            add("ListVaults")
        else:
            add("ListJobs", vault=vault)
    return plan
