"""A client of the API that holds every answer against docs/openapi.yaml: what is not written there fails the test.

    def test_something(api):
        assert api.get("/api/v1/me/").json()["role"] == "anonymous"
        assert api.as_("editor").get("/api/v1/testimonies/", {"tier": "restricted"}).status_code == 200

`api` reads as nobody in particular, where the setting PUBLIC_READ is on; `as_(role)` sends that role's key.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import jsonschema_rs
import yaml
from django.http import HttpResponse
from django.test.client import Client, ClientHandler

from testimonies.selectors import exports

DOCUMENT = Path(__file__).parent.parent / "docs" / "openapi.yaml"
PROBLEM = "application/problem+json"


HANDLER = ClientHandler(enforce_csrf_checks=False)
"""One for all clients: each of its own would load the middleware anew, which looks through every static file."""


class BrokenContract(AssertionError):
    """An answer that docs/openapi.yaml does not describe."""


class Api(Client):
    """Django's test client, strict about the contract. Pages outside /api/v1/ are held to less: see `check`."""

    def __init__(self, keys: Mapping[str, Mapping[str, str]], role: str = "anonymous") -> None:
        super().__init__(headers=dict(keys[role]), SERVER_NAME="localhost")
        self.keys, self.handler = keys, HANDLER

    def as_(self, role: str) -> "Api":
        """The same service, asked with the key of a role."""
        return Api(self.keys, role)

    def request(self, **environ: Any) -> HttpResponse:
        response = read_whole(super().request(**environ))
        check(
            method=environ.get("REQUEST_METHOD", "GET"),
            path=environ.get("PATH_INFO", "/"),
            query=environ.get("QUERY_STRING", ""),
            response=response,
        )
        return response

    def pages(self, url: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The pages of a list, each by the one before it."""
        page = self.get(url, parameters).json()
        yield page
        while cursor := page["next_cursor"]:
            page = self.get(url, {**parameters, "cursor": cursor}).json()
            yield page


def read_whole(response: Any) -> Any:
    """The answer; a file that is streamed has been read to its end, and is its `content` like that of any other."""
    if response.streaming:
        return HttpResponse(response.getvalue(), status=response.status_code, headers=response.headers)
    return response


def check(*, method: str, path: str, query: str = "", response: Any) -> None:
    """Raises BrokenContract unless the document describes the answer, its headers and its body."""
    said = f"{method} {path}{'?' if query else ''}{query} -> {response.status_code}: "
    if not response.headers.get("X-Request-ID"):
        raise BrokenContract(f"{said}no X-Request-ID")
    if response.status_code == 500:
        raise BrokenContract(f"{said}something is broken; the log names it: {_content(response)}")
    if not path.startswith("/api/"):
        return
    operations = find(path)
    if response.status_code == 301 and response.headers["Location"].partition("?")[0] == f"{path}/":
        return
    if operations is None:
        if path.startswith("/api/v1/"):
            _expect_problem(said, response, {400, 404})
        elif response.status_code >= 400:
            _expect_problem(said, response, {400, 404, 405})
    elif (operation := operations.get("get" if method == "HEAD" else method.lower())) is None:
        _expect_problem(said, response, {400, 401, 405})
    else:
        _check_operation(said, operation, query, response, has_body=method != "HEAD")


def _expect_problem(said: str, response: Any, statuses: set[int]) -> None:
    if response.status_code not in statuses:
        raise BrokenContract(f"{said}the document has no such address or method, so it must be one of {statuses}")
    _check_body(said, ("components", "schemas", "Problem"), _read(said, response, PROBLEM))


def _check_operation(said: str, operation: "Operation", query: str, response: Any, *, has_body: bool) -> None:
    status = str(response.status_code)
    if status not in operation.responses:
        raise BrokenContract(f"{said}documented are {sorted(operation.responses)}; the answer was {_content(response)}")
    pointer, documented = operation.responses[status]
    if response.status_code < 400:
        names = {piece.partition("=")[0] for piece in query.split("&") if piece}
        if unknown := names - operation.parameters:
            raise BrokenContract(f"{said}accepted parameters that are not documented: {sorted(unknown)}")
    for name, (header_pointer, header) in documented_headers(pointer, documented).items():
        if name in response.headers:
            value: Any = response.headers[name]
            if header.get("schema", {}).get("type") == "integer" and value.isdecimal():
                value = int(value)  # a header is text, whatever it says
            _check_body(f"{said}header {name}: ", (*header_pointer, "schema"), value)
        elif header.get("required"):
            raise BrokenContract(f"{said}no header {name}")
    content = documented.get("content")
    if not content:
        if response.content:
            raise BrokenContract(f"{said}a body where none is documented")
        return
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    if media_type in exports.MEDIA_TYPES.values() and "format=" in query and "ListFormat" in operation.formats:
        return  # said with the parameter: beside the page, generators would take the types for a union
    if media_type not in content:
        raise BrokenContract(f"{said}{media_type!r}; documented are {sorted(content)}")
    if has_body:
        _check_body(said, (*pointer, "content", media_type, "schema"), _read(said, response, media_type))


def _read(said: str, response: Any, media_type: str) -> Any:
    given = response.headers.get("Content-Type", "").partition(";")[0]
    if given != media_type:
        raise BrokenContract(f"{said}{given!r} instead of {media_type!r}: {_content(response)}")
    if media_type == "application/octet-stream":
        return ""  # a file: the document promises no more than bytes
    text = response.content.decode()
    if not media_type.endswith("json"):
        return text
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise BrokenContract(f"{said}no JSON ({error}): {_content(response)}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _content(response: Any) -> str:
    return response.content[:500].decode(errors="replace")


def _check_body(said: str, pointer: tuple[str, ...], value: Any) -> None:
    errors = [
        f"  {'.'.join(map(str, error.instance_path)) or 'all of it'}: {error.message[:300]}"
        for error, _ in zip(validator(pointer).iter_errors(value), range(10), strict=False)
    ]
    if errors:
        raise BrokenContract(f"{said}does not fit #/{'/'.join(pointer)}\n" + "\n".join(errors))


# --- The document, read once ---------------------------------------------------------------------------------------


class Operation(NamedTuple):
    """What is documented of one method: statuses with the response and where it stands, and query parameters."""

    responses: dict[str, tuple[tuple[str, ...], dict[str, Any]]]
    parameters: set[str]
    formats: str
    """Name of the parameter's component, of what a list may be answered as."""


@cache
def document() -> dict[str, Any]:
    """docs/openapi.yaml, stricter than written: an answer has no keys beyond the documented ones.

    A client must bear more keys, since later versions may add some; a test must not.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=loader)  # a safe loader, whichever
    for schema in found["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return found


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Operation]]]:
    """Literal paths first: /things/latest/ is not a thing with the id `latest`."""
    return [
        (
            re.compile("[^/]+".join(re.escape(piece) for piece in re.split(r"{[^}]+}", path))),
            {
                method: _operation(("paths", path, method), operation, shared.get("parameters", []))
                for method, operation in shared.items()
                if method in {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
            },
        )
        for path, shared in sorted(document()["paths"].items(), key=lambda item: item[0].count("{"))
    ]


@cache
def find(path: str) -> dict[str, Operation] | None:
    """The documented operations of a path by method; None where the document has no such path."""
    return next((operations for pattern, operations in _paths() if pattern.fullmatch(path)), None)


def _operation(pointer: tuple[str, ...], operation: dict[str, Any], shared: list[dict[str, Any]]) -> Operation:
    parameters = [resolve((), parameter)[1] for parameter in [*shared, *operation.get("parameters", [])]]
    return Operation(
        {
            status: resolve((*pointer, "responses", status), response)
            for status, response in operation["responses"].items()
        },
        {parameter["name"] for parameter in parameters if parameter["in"] == "query"},
        "".join(one["$ref"] for one in operation.get("parameters", []) if one.get("$ref", "").endswith("ListFormat")),
    )


def documented_headers(
    pointer: tuple[str, ...], response: dict[str, Any]
) -> dict[str, tuple[tuple[str, ...], dict[str, Any]]]:
    return {name: resolve((*pointer, "headers", name), header) for name, header in response.get("headers", {}).items()}


def resolve(pointer: tuple[str, ...], node: dict[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Where the node stands and what it is, behind a reference if it is one."""
    while "$ref" in node:
        pointer = tuple(node["$ref"].removeprefix("#/").split("/"))
        node = document()
        for key in pointer:
            node = node[key]
    return pointer, node


@cache
def validator(pointer: tuple[str, ...]) -> jsonschema_rs.Draft202012Validator:
    """Of what stands there in the document; formats are checked too."""
    escaped = "/".join(quote(part.replace("~", "~0").replace("/", "~1"), safe="~") for part in pointer)
    return jsonschema_rs.Draft202012Validator({**document(), "$ref": f"#/{escaped}"}, validate_formats=True)
