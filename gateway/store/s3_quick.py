"""Keeping an object at half the cost: with a link that botocore signs, and a plain request.

Of what an upload costs here, what botocore does around a request would be a fifth. Whatever is not simply kept goes the
ordinary way, which knows all about errors, regions, proxies and trying again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

SIGNED_FOR = 900  # seconds, in which the request has to arrive
SENT = {
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
    "ContentMD5": "Content-MD5",
    "ContentType": "Content-Type",
}


class QuickPuts:
    def __init__(self, client: Any, verify: str | None, timeout: Timeout, connections: int) -> None:
        self.client = client
        self.has_proxy = bool(get_environ_proxies(client.meta.endpoint_url))
        self.pool = PoolManager(
            maxsize=connections, timeout=timeout, retries=False, ca_certs=get_cert_path(verify or True)
        )

    def put(self, said: Mapping[str, str], body: bytes) -> dict[str, str] | None:
        """The answer, as botocore gives it; None when it has to be asked."""
        if self.has_proxy:
            return None
        headers = {SENT[name]: value for name, value in said.items() if name in SENT}
        try:
            url = self.client.generate_presigned_url("put_object", Params=said, ExpiresIn=SIGNED_FOR)
            answer = self.pool.request("PUT", url, body=body, headers=headers, redirect=False)
        except (BotoCoreError, HTTPError):
            return None
        if answer.status != 200:
            return None
        told = {"ETag": "ETag", "ServerSideEncryption": "x-amz-server-side-encryption",
                "SSECustomerAlgorithm": "x-amz-server-side-encryption-customer-algorithm"}  # fmt: skip
        return {name: answer.headers[header] for name, header in told.items() if header in answer.headers}
