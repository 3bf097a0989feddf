"""GET and POST with nothing but the standard library; an error status is an answer, not an exception."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What an HTTP server answered; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    text: str

    def json(self):
        """The body as JSON."""
        return json.loads(self.text)


def call(url: str, body: object = None, method: str | None = None) -> Answer:
    """GET, or POST of `body` as JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback goes through no proxy
    try:
        with opener.open(request, timeout=10) as response:
            return Answer(response.status, lower(response.headers), response.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, lower(error.headers), error.read().decode())


def lower(headers) -> dict[str, str]:
    """Headers by their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}
