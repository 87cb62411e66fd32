"""/api/v1/me/: what the caller is, and what is withheld from callers like them."""

import json
from typing import Any

from django.http import HttpResponse
from rest_framework.views import APIView

from testimonies.api import concurrency
from testimonies.projections import exposure, shapes
from testimonies.projections.documents import instant
from testimonies.selectors import parameters


class MeView(APIView):
    """The caller: role, tier, uses and the fields that are withheld from their tier. No record says what is withheld from it."""

    http_method_names = ["get", "head"]
    shape = shapes.Me

    def get(self, request: Any) -> HttpResponse:
        parameters.nothing(dict(request._request.GET.lists()))
        actor = request.user
        me: shapes.Me = {
            "role": actor.role,
            "tier": actor.tier.label,
            "uses": list(actor.uses),
            "key": actor.key_name,
            "expires_at": instant(actor.expires_at) if actor.expires_at else None,
            "withheld": list(exposure.withheld(actor.tier)),
        }
        body = json.dumps(me, ensure_ascii=False).encode()
        return concurrency.answer(request, body, concurrency.of_body(body))
