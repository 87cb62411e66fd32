"""/api/problems/: the page that every problem's `type` leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from testimonies.api.problems import PROBLEMS


def show(request: HttpRequest) -> HttpResponse:
    return render(request, "testimonies/problems.html", {"problems": PROBLEMS.values()})
