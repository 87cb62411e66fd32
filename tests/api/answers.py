"""What tests read off an answer."""

from typing import Any


def results(response: Any) -> list[dict[str, Any]]:
    """The records of one page."""
    assert response.status_code == 200, response.content
    return response.json()["results"]


def titles(response: Any) -> list[str]:
    """The titles of a page, by which the tables of literals call their records."""
    return [item["title"] for item in results(response)]


def errors(response: Any) -> list[tuple[str, str]]:
    """(parameter, code) of each thing that is wrong with the query."""
    assert response.status_code == 400, response.content
    assert response.json()["code"] == "invalid_parameters"
    return [(error["parameter"], error["code"]) for error in response.json()["errors"]]


def everything(response: Any) -> tuple[int, dict[str, str], bytes]:
    """All that a caller can tell an answer from another one by, but for the request id."""
    request_id = response.headers["X-Request-ID"]
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
    return response.status_code, headers, response.content.replace(request_id.encode(), b"")


def has_the_shape_of(value: Any, filled: Any) -> bool:
    """Whether a document has the keys of another one, in their order and at every depth; lists may be empty."""
    if isinstance(value, dict):
        return list(value) == list(filled) and all(has_the_shape_of(value[key], filled[key]) for key in filled)
    if isinstance(value, list):
        return all(has_the_shape_of(inner, filled[0]) for inner in value)
    return not isinstance(filled, dict | list)


def refusal(response):
    """Status, code and, of a body, the pointers to what is at fault."""
    found = response.json()
    return found["status"], found["code"], [error["pointer"] for error in found["errors"]]
