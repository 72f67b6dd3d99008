"""A device with a card and a service: what a scenario needs, and the invariant that must hold after each."""

from pathlib import Path

import qemu
import records
import treehash
from fault_proxy import HOST
from glacier import Serve, environment, good, scratch
from image import Card
from images import image
from report import equal
from rest import Rest
from verifier import Keys

# Not "test": if the secret is printed, the check must find it.
DEVICE = Keys("AKIAFIRMWARE", "sEcReT-of-the-device-0123456789")
VAULT = "logs"
REGION = "us-east-1"
# Files that the firmware must not touch, some with names similar to those of logs.
OTHERS = {
    "NOTES.TXT": b"batteries changed in June\n",
    "LOG1.BIN": b"too few digits",
    "LOG00001.TXT": b"another ending",
    "XLOG0001.BIN": b"another beginning",
    "OLD/LOG00009.BIN": records.log(4096, first=90),
}


class Bench:
    """A served vault, and a card with `logs` and `others`: {name: content}. A context manager."""

    def __init__(self, name, logs=None, others=OTHERS, board="lm3s6965evb", build=()):
        self.build = build  # options of the image's build
        self.board, self.logs, self.others = board, logs or {}, others
        self._scratch = scratch(f"firmware-{name}")
        self.folder = Path(self._scratch.name)
        self.serve = Serve(
            self.folder / "data", "--access-key", DEVICE.id, env=environment(GLACIER_SERVE_SECRET_KEY=DEVICE.secret)
        )
        self.env = environment(AWS_ACCESS_KEY_ID=DEVICE.id, AWS_SECRET_ACCESS_KEY=DEVICE.secret, AWS_REGION=REGION)
        self.glacier("vault", "create", VAULT)
        self.rest = Rest(self.serve.url, DEVICE.id, DEVICE.secret, REGION)
        self.card = Card.make(self.folder / "sd.img", self.others | self.logs) if logs is not None else None

    def glacier(self, *args):
        return good("--endpoint-url", self.serve.url, *args, env=self.env)

    def run(self, server=None, seconds=90, **settings):
        """Runs the device until it exits. `server` is that of a `Proxy`; settings that are `None` are omitted."""
        to = server or f"{HOST}:{self.serve.url.rsplit(':', 1)[1]}"
        given = {"server": to, "vault": VAULT, "region": REGION, "dev": "bench-1", "timeout": 5, "poll": 1}
        given |= {"key": DEVICE.id, "secret": DEVICE.secret} | settings
        given = {key: value for key, value in given.items() if value is not None}
        hidden = [DEVICE.secret, *filter(None, (given.get("secret"), given.get("token")))]
        return qemu.run(self.board, image(self.board, *self.build), given, self.card, seconds, hidden)

    def archives(self):
        """{archive id: (inventory item, content)}: restored with the command, and consistent with the inventory."""
        found = {}
        for archive, item in self.rest.inventory(VAULT).items():
            target = self.folder / "restored"
            target.unlink(missing_ok=True)
            self.glacier("restore", VAULT, archive, "-o", target)
            data = target.read_bytes()
            equal((item["Size"], item["SHA256TreeHash"]), (len(data), treehash.of_bytes(data)), "the inventory")
            found[archive] = (item, data)
        return found

    def nothing_lost(self):
        """The invariant: each log is on the card or in the vault, byte for byte, and all other files are unchanged.

        Returns {name of a log: (on the card, copies in the vault)}.
        """
        self.card.check()
        files, archived = self.card.files(), [data for _, data in self.archives().values()]
        for name, content in self.others.items():
            equal(files.get(name) == content, True, f"{name} is unchanged")
        fates = {}
        for name, content in self.logs.items():
            on_card, copies = name in files, archived.count(content)
            assert not on_card or files[name] == content, f"{name} has changed on the card"
            assert on_card or copies, f"{name} is lost: neither on the card nor in the vault"
            fates[name] = (on_card, copies)
        strangers = [len(data) for data in archived if data not in self.logs.values()]
        assert not strangers or not self.logs, f"archives that are not logs: {strangers} bytes"
        return fates

    def __enter__(self):
        return self

    def __exit__(self, *error):
        try:
            self.serve.__exit__(*error)
        finally:
            self._scratch.cleanup()
