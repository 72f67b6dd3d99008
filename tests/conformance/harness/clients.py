"""Clients of boto3, one a region and key, that report to the case whose thread calls them."""

import threading

import boto3
from botocore.config import Config

from harness.checks import NotImplementedByEndpoint, absent

CURRENT = threading.local()
_clients, _making = {}, threading.Lock()


def client(endpoint, region, key, secret, token=None, **config):
    wanted = (endpoint, region, key, secret, token, tuple(sorted(config.items())))
    with _making:
        if wanted not in _clients:
            _clients[wanted] = _make(endpoint, region, key, secret, token, config)
        return _clients[wanted]


def _make(endpoint, region, key, secret, token, config):
    made = boto3.client(
        "glacier",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(
            retries={"total_max_attempts": 1}, proxies={}, connect_timeout=10, read_timeout=40, max_pool_connections=64, **config
        ),
    )
    made.meta.events.register("before-call.glacier", _before)
    made.meta.events.register("after-call.glacier", lambda **event: _after(made, **event))
    return made


def _before(**_):
    if case := getattr(CURRENT, "case", None):
        case.check_deadline()


def _after(made, http_response, parsed, model, **_):
    if absent(http_response.status_code, http_response.headers, parsed.get("Error", {}).get("Code", "")):
        raise NotImplementedByEndpoint(model.name)
    if case := getattr(CURRENT, "case", None):
        case.called(made, model.name, parsed)
