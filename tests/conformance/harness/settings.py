"""What the command line says, and what is learnt of the endpoint."""

import random
import threading

# Regions for cases that change what belongs to the account in a region; which case has which depends on the seed, so that
# what cannot be taken back (provisioned capacity) seldom meets another run on the same endpoint.
OWN = """ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1
eu-west-2 eu-west-3 sa-east-1 us-east-2 us-west-1 us-west-2""".split()


class Settings:
    def __init__(
        self, endpoint, clock, seed, region, key, secret, token, own_regions=True, other=None, control=False, notifications=None
    ):
        self.endpoint, self.clock, self.seed, self.region = endpoint.rstrip("/"), clock, seed, region
        self.key, self.secret, self.token = key, secret, token
        self.other = other  # key, secret and token of another account, if they are known
        self.control, self.notifications = control, notifications
        self.account, self.seen = None, set()  # seen: operations that have succeeded
        self._learning = threading.Lock()
        self._regions, self._locks = {}, {}
        self._free = [r for r in OWN if r != region] if own_regions else []
        random.Random(seed).shuffle(self._free)

    def region_of(self, case):
        if case.region is None or not self._free and case.region not in self._regions:
            return self.region
        return self._regions.setdefault(case.region, self._free.pop() if case.region not in self._regions else None)

    def another_region(self, than):
        """A second region, of no other case's."""
        return next(r for r in ("us-east-1", "eu-west-1") if r != than)

    def lock_of(self, case):
        """Held while a case runs that changes what others in its region see."""
        return self._locks.setdefault(case.region, threading.Lock())

    def learn_account(self, context):
        with self._learning:
            if self.account is None:
                client, name = context.glacier, context.name()
                client.create_vault(vaultName=name)
                context.keep(client, name)
                self.account = (client.describe_vault(vaultName=name)["VaultARN"].split(":") + [""] * 5)[4]
        assert len(self.account) == 12 and self.account.isdigit(), "the ARN of a vault does not show the account"
