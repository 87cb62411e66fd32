"""How the desk reads an uncertain date while it is typed."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from testimonies.values import dates, dates_in_words


def date(request: HttpRequest) -> HttpResponse:
    """`{"good": true, "said": "about June 2014, from 2014-06-01 to 2014-06-30"}`, or what is wrong. Nothing is kept."""
    if request.method not in {"GET", "HEAD"}:
        return JsonResponse({"good": False, "said": "Ask with GET."}, status=405, headers={"Allow": "GET"})
    text = request.GET.get("text", "").strip()
    if not text:
        return JsonResponse({"good": True, "said": ""})
    try:
        return JsonResponse({"good": True, "said": dates_in_words.describe(text)})
    except dates.InvalidDate as error:
        return JsonResponse({"good": False, "said": str(error)})
