"""One prefix of a bucket, and the few things that are asked of it.

Promises: no request hangs, none is tried for longer than `DEADLINE_SECONDS`, and what still fails then raises
`Unreachable`. Whatever is kept is checked by the store against its MD5, and what the store says it has, by us. Nothing
relies on a store that refuses to overwrite: many cannot.
"""

from __future__ import annotations

import hashlib
import logging
import os
import random
import re
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, BinaryIO

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session
from urllib3 import Timeout

from gateway.core.errors import StoreUnavailable
from gateway.store.places import S3Place
from gateway.store.s3_errors import FAILURES, Unreachable, is_absent, may_pass, reason_of
from gateway.store.s3_quick import QuickPuts

CONNECT_SECONDS = 3
READ_SECONDS = 15
DEADLINE_SECONDS = 20  # no new attempt after it
PAUSES = (0.05, 0.2, 0.6, 1.5)
PART_BYTES = 8_000_000
MOST_PARTS = 10_000
COPY_BYTES = 5 * 1024**3  # the most that is copied at once
CONNECTIONS = 64
PLAIN_ETAG = re.compile(r'"?([0-9a-f]{32})"?')

log = logging.getLogger(__name__)
making = threading.Lock()
Named = dict[str, Any]
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """What the store says of an object."""

    size: int
    modified_at: datetime
    etag: str


@dataclass(frozen=True, slots=True)
class Listed:
    key: str
    size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An upload in parts that was neither completed nor aborted."""

    key: str
    upload_id: str


class Bucket:
    """Keys are those below the prefix."""

    def __init__(self, place: S3Place) -> None:
        self.place = place
        self.client, verify = new_client(place)
        self.quick = QuickPuts(self.client, verify, Timeout(CONNECT_SECONDS, READ_SECONDS), CONNECTIONS)
        self.own: Named = {"Bucket": place.bucket}

    def named(self, key: str) -> Named:
        return self.own | {"Key": self.place.prefix + key}

    def ask(self, action: str, call: Callable[..., Any], said: Named, seconds: float = DEADLINE_SECONDS) -> Any:
        deadline = time.monotonic() + seconds
        for pause in (*PAUSES, None):
            try:
                return call(**said)
            except FAILURES as error:
                if is_absent(error):
                    raise
                if pause is None or not may_pass(error) or time.monotonic() + pause > deadline:
                    raise self.unreachable(error, action) from error
                time.sleep(pause * random.uniform(0.5, 1.0))
        raise AssertionError

    def unreachable(self, error: Exception, action: str) -> Unreachable:
        reason = reason_of(error, self.place, action)
        log.warning("%s", reason.replace("\n", " "))
        return Unreachable(reason)

    def put(self, key: str, body: bytes, md5: bytes | None = None, headers: Headers | None = None) -> None:
        md5 = md5 or md5_of(body)
        said = self.named(key) | {"ContentMD5": b64encode(md5).decode()} | dict(headers or {})
        answer = self.quick.put(said, body)
        if answer is None:
            answer = self.ask("write to", self.client.put_object, said | {"Body": body})
        self.refuse_etag(key, answer, md5)

    def refuse_etag(self, key: str, answer: Mapping[str, Any], md5: bytes) -> None:
        """That of an object which the store encrypts with a key of its own is no MD5."""
        told = PLAIN_ETAG.fullmatch(str(answer.get("ETag", "")))
        is_encrypted = str(answer.get("ServerSideEncryption", "")).startswith("aws:kms")
        if told and told[1] != md5.hex() and not is_encrypted and "SSECustomerAlgorithm" not in answer:
            self.refuse_kept(key)

    def refuse_kept(self, key: str) -> None:
        with suppress(Unreachable):
            self.delete(key)
        reason = f"What was written to {self.place.bucket} is not what is there (storage.blobs).\nSee to the store."
        log.warning("%s %s", key, reason.replace("\n", " "))
        raise Unreachable(reason)

    def put_file(self, key: str, file: BinaryIO, size: int, headers: Headers | None = None) -> None:
        """In parts. One that fails leaves nothing behind."""
        said, part_bytes = self.named(key), max(PART_BYTES, -(-size // MOST_PARTS))
        begun = self.ask("write to", self.client.create_multipart_upload, said | dict(headers or {}))
        said["UploadId"] = str(begun["UploadId"])
        try:
            parts: list[dict[str, Any]] = []
            while block := read_block(file, part_bytes):
                md5 = md5_of(block)
                part = {"PartNumber": len(parts) + 1}
                sent = said | part | {"Body": block, "ContentMD5": b64encode(md5).decode()}
                answer = self.ask("write to", self.client.upload_part, sent)
                parts.append(part | {"ETag": answer["ETag"]})
            self.complete(said, parts)
        except BaseException:
            self.abort(Unfinished(key, said["UploadId"]))
            raise
        if (held := self.head(key)) is None or held.size != size:
            self.refuse_kept(key)

    def complete(self, said: Named, parts: list[dict[str, Any]]) -> None:
        """An answer that was lost on the way is asked for again, and then there is no such upload any more: whether
        it was completed is told by what is there."""
        with suppress(ClientError):
            sent = said | {"MultipartUpload": {"Parts": parts}}
            self.ask("write to", self.client.complete_multipart_upload, sent)

    def abort(self, unfinished: Unfinished) -> None:
        with suppress(Unreachable, ClientError):
            said = self.named(unfinished.key) | {"UploadId": unfinished.upload_id}
            self.ask("abort uploads in", self.client.abort_multipart_upload, said)

    def unfinished(self, folder: str, before: datetime) -> Iterator[Unfinished]:
        prefix = self.place.prefix + folder
        said = self.own | {"Prefix": prefix}
        while True:
            try:
                answer = self.ask("list", self.client.list_multipart_uploads, said)
            except ClientError:
                return
            for one in answer.get("Uploads", ()):
                key = str(one["Key"])
                if one["Initiated"] < before and key.startswith(prefix):
                    yield Unfinished(key.removeprefix(self.place.prefix), str(one["UploadId"]))
            if not answer.get("IsTruncated"):
                return
            said |= {"KeyMarker": answer["NextKeyMarker"], "UploadIdMarker": answer["NextUploadIdMarker"]}

    def head(self, key: str, seconds: float = DEADLINE_SECONDS) -> Held | None:
        try:
            answer = self.ask("read from", self.client.head_object, self.named(key), seconds)
        except ClientError:
            return None
        return Held(int(answer["ContentLength"]), answer["LastModified"], str(answer["ETag"]))

    def get(self, key: str, stretch: tuple[int, int] | None = None, etag: str | None = None) -> tuple[Held, Any] | None:
        """What is there, and its body: all of it, or the bytes from the first to the last of a `stretch`. With `etag`,
        only as long as it is the same."""
        said = self.named(key)
        if stretch:
            said["Range"] = f"bytes={stretch[0]}-{stretch[1]}"
        if etag:
            said["IfMatch"] = etag
        try:
            answer = self.ask("read from", self.client.get_object, said)
        except ClientError:
            return None
        size = int(str(answer.get("ContentRange", "")).rpartition("/")[2] or answer["ContentLength"])
        return Held(size, answer["LastModified"], str(answer["ETag"])), answer["Body"]

    def delete(self, key: str) -> None:
        with suppress(ClientError):
            self.ask("delete from", self.client.delete_object, self.named(key))

    def listed(self, folder: str, at_most: int | None = None) -> Iterator[Listed]:
        said = self.own | {"Prefix": self.place.prefix + folder}
        if at_most:
            said["MaxKeys"] = at_most
        while True:
            try:
                answer = self.ask("list", self.client.list_objects_v2, said)
            except ClientError as error:  # in a bucket there is always something to list, if only nothing
                raise self.unreachable(error, "list") from error
            for one in answer.get("Contents", ()):
                key = str(one["Key"]).removeprefix(self.place.prefix)
                yield Listed(key, int(one["Size"]), one["LastModified"])
            if at_most or not answer.get("IsTruncated"):
                return
            said["ContinuationToken"] = answer["NextContinuationToken"]

    def copy(self, key: str, target: str) -> bool:
        """False when there is nothing to copy."""
        at_once = TransferConfig(multipart_threshold=COPY_BYTES, use_threads=False)
        said = self.named(target) | {"CopySource": self.named(key), "Config": at_once}
        try:
            self.ask("write to", self.client.copy, said)
        except ClientError:
            return False
        return True

    def link(self, key: str, seconds: int, headers: Headers) -> str:
        params = self.named(key) | {RESPONSE[name]: value for name, value in headers.items()}
        return str(self.client.generate_presigned_url("get_object", Params=params, ExpiresIn=seconds))


RESPONSE = {
    "Cache-Control": "ResponseCacheControl",
    "Content-Disposition": "ResponseContentDisposition",
    "Content-Type": "ResponseContentType",
}


@cache
def session(environment: frozenset[tuple[str, str]]) -> tuple[Any, str | None]:
    """Once in a process, as long as its keys stay: reading what S3 can do takes longer than asking it something.
    With the file of the authorities it trusts, where that is not the usual one."""
    inner = get_session()
    return boto3.Session(botocore_session=inner), inner.get_config_variable("ca_bundle")


def new_client(place: S3Place) -> tuple[Any, str | None]:
    """And the authorities it trusts."""
    style = "path" if place.addressing == "auto" and place.endpoint else place.addressing
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=CONNECTIONS,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"total_max_attempts": 1},
        s3={"addressing_style": style},
        signature_version="s3v4",
        tcp_keepalive=True,
    )
    try:
        with making:  # a session must not make two at once
            found, trusted = session(frozenset(item for item in os.environ.items() if item[0].startswith("AWS_")))
            region = place.region or found.region_name or "us-east-1"
            client = found.client("s3", region_name=region, endpoint_url=place.endpoint, config=config)
            return client, trusted
    except (BotoCoreError, ValueError) as error:  # the latter for an endpoint that is no address
        raise StoreUnavailable(reason_of(error, place, "use")) from error


def md5_of(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def read_block(file: BinaryIO, size: int) -> bytes:
    """All of it, where a plain file may give less at once."""
    blocks = []
    while size and (block := file.read(size)):
        blocks.append(block)
        size -= len(block)
    return b"".join(blocks)
