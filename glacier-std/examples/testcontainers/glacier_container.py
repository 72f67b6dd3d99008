"""`glacier serve` by testcontainers for Python, with a boto3 client of it.

The image is that of ../container: docker build --file glacier-std/examples/container/Dockerfile --tag glacier .
"""

import json
import urllib.request

import boto3
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

PORT = 4566
# Control is for the same machine, and the host is another one to the container.
TOKEN = "only-for-tests"


class GlacierContainer(DockerContainer):
    def __init__(self, image="glacier"):
        super().__init__(image)
        self.with_exposed_ports(PORT)
        self.with_command(
            f"serve --data /data --listen 0.0.0.0:{PORT} --time manual --control --control-token {TOKEN}"
        )
        self.waiting_for(HttpWaitStrategy(PORT, "/_glacier/health").for_status_code(200))

    def url(self):
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    def client(self):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        return boto3.client("glacier", endpoint_url=self.url(), **keys)

    def advance(self, seconds):
        body, headers = json.dumps({"seconds": seconds}).encode(), {"x-glacier-control-token": TOKEN}
        request = urllib.request.Request(f"{self.url()}/_glacier/advance", body, headers)
        with urllib.request.urlopen(request) as response:
            return json.load(response)["now"]


def test_a_vault_is_there():
    with GlacierContainer() as glacier:
        client = glacier.client()
        client.create_vault(vaultName="photos")
        glacier.advance(24 * 3600)
        assert [vault["VaultName"] for vault in client.list_vaults()["VaultList"]] == ["photos"]
