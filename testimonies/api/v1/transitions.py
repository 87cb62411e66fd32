"""/api/v1/testimonies/{testimony_id}/transitions/: where a testimony may go from here, and going there. For staff."""

from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework.viewsets import ViewSet

from testimonies import models
from testimonies.api import concurrency, parsing
from testimonies.api.parsing import Choice, StrictSerializer, Text
from testimonies.api.parts import OfTestimony, StaffOnly
from testimonies.models.testimonies import Status
from testimonies.projections.shapes import Described, of
from testimonies.selectors import parameters, parts, visibility
from testimonies.selectors.documents import Document
from testimonies.services import workflow


class Transition(TypedDict):
    """One step that the workflow has from here."""

    to: Annotated[str, Described("Where it leads.", choices=Status)]
    allowed: Annotated[bool, Described("Whether the caller may take it now.")]
    reason: Annotated[str, Described("Why not, and what to do; empty where it is allowed.")]


class Transitions(TypedDict):
    """Where a testimony stands, and where it may go."""

    version: Annotated[int, of(models.Testimony)]
    status: Annotated[str, Described(model=models.Testimony, choices=Status)]
    steps: Annotated[list[Transition], Described("What may come next.")]


class TransitionWriteSerializer(StrictSerializer):
    """A step to take."""

    to = Choice(choices=Status.choices, help_text="Where to.")
    note = Text(required=False, default="", allow_blank=True, max_length=5_000, help_text="Why, for the history.")


class TransitionsViewSet(OfTestimony, ViewSet):
    """Steps of the workflow: draft, in review, published, withdrawn. Nobody publishes their own work."""

    permission_classes = [StaffOnly]
    http_method_names = ["get", "head", "post"]
    noun = "transitions"
    write = TransitionWriteSerializer
    shape = Transitions

    def retrieve(self, request: Any) -> HttpResponse:
        parameters.nothing(dict(request._request.GET.lists()))
        testimony = models.Testimony.objects.select_related("person", "membership").get(pk=self.testimony_id())
        document = self._document(request, testimony)
        return concurrency.answer(request, document.body, concurrency.of_document(document))

    def create(self, request: Any) -> HttpResponse:
        """Take a step. With If-Match only if the testimony is still at that version.

        Any coder takes what is published back to draft, at once. Where it is not theirs, they do not see it any longer:
        the answer then lists no steps. A step to where the testimony stands already is a 409.
        """
        values = parsing.read(self.write, parsing.body(request))
        version = concurrency.if_match(request) if request.META.get("HTTP_IF_MATCH", "").strip() else None
        moved = workflow.move(self.testimony_id(), by=request.user, version=version, **values)
        document = self._document(request, moved)
        return concurrency.written(document.body, concurrency.of_document(document), 200)

    def _document(self, request: Any, testimony: models.Testimony) -> Document:
        steps = workflow.steps(testimony, request.user) if visibility.may_see(testimony, request.user) else []
        shown: Transitions = {
            "version": testimony.version,
            "status": testimony.status,
            "steps": [{"to": step.to, "allowed": step.allowed, "reason": step.reason} for step in steps],
        }
        return parts.made(shown, testimony.version)
