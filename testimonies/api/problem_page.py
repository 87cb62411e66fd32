"""/api/problems/: the page that every problem's `type` leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt  # what only reads refuses the method, not the missing token
from django.views.decorators.http import require_safe

from testimonies.api.problem_kinds import PROBLEMS


@csrf_exempt
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    return render(request, "testimonies/problems.html", {"problems": PROBLEMS.values()})
