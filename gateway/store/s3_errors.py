"""What an S3-compatible store refuses, and a network on the way to it: whether trying again may help, and a sentence
for the operator that names the setting and what to do. Whoever asked for a file is told that it cannot be had, no more.
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    InvalidProxiesConfigError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from gateway.core.errors import StoreUnavailable
from gateway.store.places import S3Place

ABSENT = frozenset({"404", "NoSuchKey", "NoSuchUpload", "NotFound"})
PASSING = frozenset({
    "BadDigest", "IncompleteBody", "InternalError", "OperationAborted", "RequestTimeout", "ServiceUnavailable",
    "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "XAmzContentSHA256Mismatch",
})  # fmt: skip
CLOCK = frozenset({"RequestTimeTooSkewed", "RequestExpired"})
KEY = frozenset(
    {"InvalidAccessKeyId", "InvalidToken", "NotSignedUp", "TokenRefreshRequired", "UnrecognizedClientException"}
)
REGION = frozenset({
    "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect", "TemporaryRedirect",
    "301", "307", "308",
})  # fmt: skip
DENIED = frozenset({"AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403"})
NO_KEY = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, ProfileNotFound)
NOT_PASSING = (SSLError, ProxyConnectionError, InvalidProxiesConfigError)
NETWORK = (HTTPClientError, ConnectionError, IncompleteReadError)
# One of these is what asking may raise: what is followed from place to place without end is the last.
FAILURES = (ClientError, BotoCoreError, ResponseParserError, RecursionError)
MINUTES = 300  # of difference between two clocks, in seconds; a signature is good for a little longer
NOT_HAD = "The files cannot be had or kept just now. Please try again in a moment."


class Unreachable(StoreUnavailable):
    """`reason` is for the operator: what happened, and on a second line what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(NOT_HAD)
        self.reason = reason


def code_of(error: Exception) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def status_of(error: Exception) -> int:
    about = error.response.get("ResponseMetadata", {}) if isinstance(error, ClientError) else {}
    return int(about.get("HTTPStatusCode", 0))


def is_absent(error: Exception) -> bool:
    return code_of(error) in ABSENT


def may_pass(error: Exception) -> bool:
    if isinstance(error, ClientError):
        return status_of(error) in (429, 500, 502, 503, 504) or code_of(error) in PASSING
    return isinstance(error, (*NETWORK, ResponseParserError)) and not isinstance(error, NOT_PASSING)


def is_clock_wrong(error: ClientError) -> bool:
    """Some stores say only that the signature is not good; but all of them say what time it is."""
    if code_of(error) in CLOCK:
        return True
    told = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return status_of(error) in (400, 403) and abs(parsedate_to_datetime(told).timestamp() - time.time()) > MINUTES
    except (TypeError, ValueError):
        return False


def reason_of(error: Exception, place: S3Place, action: str) -> str:
    """`action` goes on after "may not": "write to"."""
    where = f"bucket {place.bucket} at {place.endpoint or 'AWS'} (storage.blobs)"
    if isinstance(error, ClientError):
        return refused(error, place, where, action)
    if isinstance(error, NO_KEY):
        return (
            f"There is no key for {where}: {error}.\nSet AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this"
            " machine a role."
        )
    if isinstance(error, SSLError):
        return (
            f"The certificate of {where} is not good: {error}.\nCorrect the endpoint in storage.blobs, or name the"
            " authority that signed it in AWS_CA_BUNDLE."
        )
    if isinstance(error, RecursionError):
        return f"{capital(where)} leads to itself.\nCorrect the endpoint in storage.blobs: it may be https://."
    if isinstance(error, NETWORK):
        what = "is too slow" if isinstance(error, (ReadTimeoutError, ConnectTimeoutError)) else "cannot be reached"
        return f"{capital(where)} {what}: {error}.\nSee that it runs, and that the endpoint in storage.blobs is right."
    return f"{capital(where)} cannot be used: {error}.\nCorrect storage.blobs."


def refused(error: ClientError, place: S3Place, where: str, action: str) -> str:
    code, status = code_of(error), status_of(error)
    if code == "NoSuchBucket":
        return f"There is no {where}.\nMake it, or correct storage.blobs."
    if is_clock_wrong(error):
        return (
            f"{capital(where)} finds that the clock of this machine is wrong, and takes no signature of it.\n"
            "Set the clock, and keep it right with NTP."
        )
    if code == "ExpiredToken":
        return f"The key for {where} has expired.\nRenew AWS_SESSION_TOKEN and the key that belongs to it."
    if code == "SignatureDoesNotMatch":
        return (
            f"{capital(where)} does not take the signature: the secret is another one, or something in between"
            " changes requests.\nCorrect AWS_SECRET_ACCESS_KEY."
        )
    if code in KEY:
        return f"{capital(where)} does not know the key.\nCorrect AWS_ACCESS_KEY_ID (and AWS_SESSION_TOKEN, if set)."
    if code in REGION:
        return (
            f"{capital(where)} is elsewhere.\nSet region=… in storage.blobs to where the bucket is, and see that"
            " the endpoint is right."
        )
    if code in DENIED or status == 403:
        return (
            f"The key may not {action} {where}.\nAllow it to list, get, put and delete there, and to abort multipart"
            " uploads."
        )
    if is_absent(error):
        return f"{capital(where)} is not there: what answers is no S3 store.\nCorrect the endpoint in storage.blobs."
    told = error.response.get("Error", {}).get("Message") or "without a reason"
    if may_pass(error):
        return f"{capital(where)} is ill ({code or status}: {told}).\nSee to the store; nothing has to be done here."
    return f"{capital(where)} refuses to {action} it ({code or status}: {told}).\nCorrect storage.blobs."


def capital(text: str) -> str:
    return text[0].upper() + text[1:]
