"""For whoever runs the service: is the process alive, may it be sent requests."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt  # what only reads refuses the method, not the missing token
from django.views.decorators.http import require_safe

from testimonies.selectors import health


@csrf_exempt
@require_safe
def healthz(_: HttpRequest) -> JsonResponse:
    """The process answers. Asks nothing of the database, so that a broken one does not restart the service."""
    return JsonResponse({"status": "ok"})


@csrf_exempt
@require_safe
def readyz(_: HttpRequest) -> JsonResponse:
    """The database answers, migrations are applied, and no projection waits to be rebuilt; else 503 with the cure."""
    reason = health.unready()
    return JsonResponse(
        {"status": "ready"} if reason is None else {"status": "not ready", "reason": reason},
        status=200 if reason is None else 503,
    )
