"""A fixture with a vault service of its own for every test, in which time stands still until the test moves it."""

import json
import os
import subprocess
import urllib.request

import boto3
import pytest
from botocore.config import Config


class Vaults:
    """The service: a boto3 client, and what no account at AWS has."""

    def __init__(self, url):
        self.url = url
        self.glacier = self.client()

    def client(self, attempts=4):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        config = Config(retries={"mode": "standard", "total_max_attempts": attempts})
        return boto3.client("glacier", endpoint_url=self.url, config=config, **keys)

    def advance(self, seconds):
        """Time passes at once."""
        return self._control("advance", {"seconds": seconds})["now"]

    def faults(self, *rules):
        """From now on these rules are the faults; without any there are none."""
        return self._control("faults", {"seed": 7, "rules": rules})

    def hits(self):
        """How often each rule has hit."""
        return [rule["hits"] for rule in self._control("faults")["rules"]]

    def _control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}/_glacier/{path}", data) as response:
            return json.load(response)


@pytest.fixture
def vaults(tmp_path):
    command = [os.environ.get("GLACIER", "glacier"), "serve", "--data", tmp_path / "vaults", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen([*command, "--time", "manual", "--control"], stdout=subprocess.PIPE)
    try:
        yield Vaults(json.loads(server.stdout.readline())["url"])
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()
