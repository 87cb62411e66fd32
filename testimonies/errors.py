"""What can be wrong with a request, in the domain's own words. The HTTP edge maps each code to a status."""


class DomainError(Exception):
    """A refusal that names its reason with a stable code and tells the reader what to do next.

    The detail never repeats protected text and never says whether something hidden exists.
    """

    code = "refused"
    detail = "This cannot be done."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail


class NotFound(DomainError):
    code = "not_found"
    detail = "There is nothing here that you may see. Check the id."


class InvalidParameter(DomainError):
    """A query parameter that does not fit: its name, a code and what fits instead."""

    code = "invalid_parameter"

    def __init__(self, parameter: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter
        self.code = code


class InvalidParameters(DomainError):
    """All that is wrong with a query string, at once."""

    code = "invalid_parameters"
    detail = "The query does not fit the contract; each parameter at fault is listed under errors."

    def __init__(self, errors: list[InvalidParameter]) -> None:
        super().__init__()
        self.errors = errors


class RejectedFile(DomainError):
    """A file of which nothing was loaded: every problem with its file, line and field."""

    code = "rejected_file"

    def __init__(self, problems: list[str]) -> None:
        super().__init__(f"{len(problems)} problems; nothing was loaded.")
        self.problems = problems
