"""/api/v1/agreement/: how far coders agree, and the passages on which they differ. For editors."""

import datetime as dt
from functools import partial
from typing import Annotated, Any, TypedDict
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.viewsets import ViewSet

from testimonies import models
from testimonies.access import Capability
from testimonies.analysis.agreement import CONFIDENCE, DRAWS, Reason, status
from testimonies.api import concurrency, pagination
from testimonies.api.parts import CapableOnly
from testimonies.api.saying import says
from testimonies.models.codings import Presence
from testimonies.projections.documents import compact
from testimonies.projections.shapes import Day, Described, Id, of
from testimonies.selectors import agreement, confusions, filters, parameters
from testimonies.selectors.agreement import Measure, Row, Scope
from testimonies.selectors.exports import Listing
from testimonies.selectors.filters import Context, Filter
from testimonies.selectors.pages import Order
from testimonies.selectors.parameters import Asked, Declared


class MeasurementLevel(TextChoices):
    NOMINAL = "nominal", "values are alike or not"
    ORDINAL = "ordinal", "values have an order"
    INTERVAL = "interval", "differences of values have a meaning"
    RATIO = "ratio", "so have their proportions: there is a zero, and nothing below it"


class AnswerStatus(TextChoices):
    VALUE = "value", "there is a number"
    UNDEFINED = "undefined", "there is none, and more of the same would not help"
    TOO_FEW = "too_few", "there is none as long as there are so few units or coders"


class NoAnswerReason(TextChoices):
    NONE = "none", "there is a number"
    NO_UNITS = "no_units", "nothing that counts was coded"
    FEWER_THAN_TWO_CODERS = "fewer_than_two_coders", "only one coder"
    NO_PAIRABLE_UNITS = "no_pairable_units", "no unit has values of two coders"
    NO_VARIATION = "no_variation", "all values are the same, so that chance explains all or nothing"
    FEWER_THAN_TEN_UNITS = "fewer_than_ten_units", "an interval needs ten testimonies at least"
    TOO_LITTLE_VARIATION = "too_little_variation", "more than 5 % of the resamples had but one value"


class KappaOfPair(TypedDict):
    """Cohen's kappa of two coders, on the units that both coded: chance is taken from each one's own values."""

    coder: Annotated[str, Described("Name of one coder's account.")]
    other_coder: Annotated[str, Described("Name of the other's.")]
    n_units: Annotated[int, Described("How many units both coded.")]
    n_agreeing: Annotated[int, Described("In how many of them they gave the same value.")]
    kappa: Annotated[float | None, Described("Cohen's kappa, unweighted; null where `status` says why.")]
    status: Annotated[str, Described("Whether there is a number.", choices=AnswerStatus)]
    reason: Annotated[str, Described("Why there is none.", choices=NoAnswerReason)]


class AgreementEntry(TypedDict):
    """Agreement on one code, on one dimension, or on all codes."""

    scope: Annotated[str, Described("What it is about.", choices=Scope)]
    code_id: Annotated[Id | None, Described("Of a code: its id.")]
    slug: Annotated[str, Described("Slug of the code or the dimension; empty for all.")]
    label: Annotated[str, Described("Label of the code.")]
    dimension: Annotated[str, Described("Slug of the dimension; empty for all.")]
    n_units: Annotated[int, Described("Units that at least two coders gave a value.")]
    n_coders: Annotated[int, Described("Coders who gave values.")]
    alpha: Annotated[
        float | None, Described("Krippendorff's alpha: 1 is agreement, 0 is chance; null where the status says why.")
    ]
    alpha_status: Annotated[str, Described("Whether there is a number.", choices=AnswerStatus)]
    alpha_reason: Annotated[str, Described("Why there is none.", choices=NoAnswerReason)]
    alpha_low: Annotated[float | None, Described("Lower end of the 95 % bootstrap interval of alpha.")]
    alpha_high: Annotated[float | None, Described("Upper end of it.")]
    interval_status: Annotated[str, Described("Whether there is an interval.", choices=AnswerStatus)]
    interval_reason: Annotated[str, Described("Why there is none.", choices=NoAnswerReason)]
    interval_draws: Annotated[int, Described("Resamples that had variation, and were used.")]
    mean_alpha_of_codes: Annotated[
        float | None, Described("Of a dimension or of all: mean of the alphas of those codes that have one.")
    ]
    percent_agreement: Annotated[
        float | None, Described("Agreeing pairs of coders over all pairs, pooled over units: a share from 0 to 1.")
    ]
    percent_agreement_mean_of_units: Annotated[
        float | None,
        Described("The other usual definition: the mean over units of the unit's share of agreeing pairs."),
    ]
    percent_status: Annotated[str, Described("Whether there are these numbers.", choices=AnswerStatus)]
    percent_reason: Annotated[str, Described("Why there are none.", choices=NoAnswerReason)]
    n_agreeing_pairs: Annotated[int, Described("Agreeing pairs of coders, over all units.")]
    n_pairs: Annotated[int, Described("Pairs of coders, over all units.")]
    kappas: Annotated[list[KappaOfPair], Described("Cohen's kappa of each pair of coders; of nominal values only.")]
    confusions: Annotated[
        str, Described("Address of the passages on which coders differ here.", format="uri-reference")
    ]


class Agreement(TypedDict):
    """How far coders agree on one codebook version, as far as all assignments of a testimony are submitted."""

    codebook: Annotated[str, of(models.Codebook, "slug")]
    version: Annotated[str, of(models.Codebook, "edition")]
    measure: Annotated[str, Described("What was compared.", choices=Measure)]
    level: Annotated[str, Described("The level of measurement it was taken for.", choices=MeasurementLevel)]
    seed: Annotated[int, Described("Seed of the resampling: the same one gives the same intervals.")]
    draws: Annotated[int, Described("How many resamples were drawn for each interval.")]
    confidence: Annotated[float, Described("Confidence of the intervals.")]
    submitted_after: Annotated[Day | None, Described("First day of the period, as asked for.")]
    submitted_before: Annotated[Day | None, Described("Last day of the period, as asked for.")]
    n_testimonies: Annotated[int, Described("Testimonies that count.")]
    n_waiting: Annotated[int, Described("Testimonies that do not count yet: not all assignments are submitted.")]
    coders: Annotated[list[str], Described("Names of the accounts of those who coded what counts.")]
    results: Annotated[list[AgreementEntry], Described("Codes in their order, then dimensions, then all codes.")]


class Passage(TypedDict):
    """Where a coder found something."""

    coding_id: Annotated[Id, Described("The coding; /api/v1/codings/{id}/ has all of it.")]
    text_id: Annotated[Id | None, of(models.Coding, "text")]
    start: Annotated[int | None, of(models.Coding)]
    end: Annotated[int | None, of(models.Coding)]
    quote: Annotated[str, of(models.Coding)]


class SaidByCoder(TypedDict):
    """What one coder said of the code."""

    coder: Annotated[str, Described("Name of the coder's account.")]
    presence: Annotated[str, Described("What it comes to; a coder who did not apply it says absent.", choices=Presence)]
    passages: Annotated[list[Passage], Described("Where, if the coder applied it.")]
    other_codes: Annotated[
        list[str], Described("Slugs of codes that the coder put where others found this one, which the coder did not.")
    ]


class Confusion(TypedDict):
    """One code on one testimony of which coders say different things."""

    id: Annotated[Id, Described("Id of the first coding with that code on that testimony.")]
    testimony_id: Annotated[Id, Described("Id of the testimony.")]
    testimony_ref: Annotated[str, of(models.Testimony, "ref")]
    codebook: Annotated[str, of(models.Codebook, "slug")]
    version: Annotated[str, of(models.Codebook, "edition")]
    code_id: Annotated[Id, Described("Id of the code.")]
    code: Annotated[str, of(models.Code, "slug")]
    dimension: Annotated[str, of(models.Code)]
    said: Annotated[list[SaidByCoder], Described("What each coder said, by name.")]


class AgreementViewSet(ViewSet):
    """How far coders agree: Krippendorff's alpha with a bootstrap interval, percent agreement, Cohen's kappa for each pair.

    Counted are testimonies of which all assignments of that codebook version are submitted, but for those that the caller
    codes and has not submitted. A coder who submitted and did not apply a code counts as absent; one who was not assigned
    is missing.
    """

    permission_classes = [CapableOnly]
    capability = Capability.REVIEW
    http_method_names = ["get", "head"]
    noun = "agreement"
    shape = Agreement
    asked = (
        Asked("codebook", "The codebook version: slug@version.", filters.as_written, is_required=True),
        Asked("measure", "What to compare. Default: presence.", filters.word(Measure), choices=Measure),
        Asked(
            "level",
            "Level of measurement. Default: nominal for presence and choice, ordinal for salience, interval for grades.",
            filters.word(MeasurementLevel),
            choices=MeasurementLevel,
        ),
        Asked("dimension", "Slug of the only dimension to look at.", filters.as_written),
        Asked("seed", "Seed of the resampling, from 0. Default: 0.", parameters.whole_number),
        Asked("submitted_after", "Only what was all submitted on this day (UTC) or later.", filters.day(last=False)),
        Asked("submitted_before", "Only what was all submitted on this day (UTC) or earlier.", filters.day(last=True)),
    )

    def retrieve(self, request: Any) -> HttpResponse:
        given = parameters.read_asked(
            self.asked, dict(request._request.GET.lists()), Context(request.user, request.auth)
        )
        found = agreement.measure(agreement.question(given, by=request.user), by=request.user)
        body = compact(_shown(found)).encode()
        return concurrency.answer(request, body, concurrency.of_body(body))


CONFUSIONS = Declared(
    name="confusions",
    filters=(
        Filter("codebook", "Codebook: slug, or slug@version.", filters.codebook, confusions.of_codebook),
        Filter("code", "Code: slug, or codebook/slug; counts its children.", filters.code, confusions.of_code),
        Filter("testimony", "Testimony: id or reference.", filters.key("T"), confusions.of_testimony),
    ),
    orders={"created_at": Order("created_at", "timestamptz")},
    ordering="created_at",
    key=Order("id", "uuid"),
)


class ConfusionViewSet(ViewSet):
    """Codes of which coders say different things on a testimony that all of them submitted, with the passages."""

    permission_classes = [CapableOnly]
    capability = Capability.REVIEW
    http_method_names = ["get", "head"]
    noun = "confusion"
    shape = Confusion
    declared = CONFUSIONS

    @says("list_confusions", "List confusions", lists=CONFUSIONS)
    def list(self, request: Any) -> HttpResponseBase:
        """Codes of which coders say different things on a testimony that all of them submitted, with the passages."""
        query = pagination.query_of(request, self.declared)
        page = partial(confusions.page, show=_confusion, by=request.user)
        return pagination.listed(request, Listing(self.declared.name, Confusion, query, page))


def _shown(found: agreement.Agreement) -> Agreement:
    asked = found.question
    return {
        "codebook": asked.codebook.slug,
        "version": asked.codebook.edition,
        "measure": asked.measure.value,
        "level": asked.level.value,
        "seed": asked.seed,
        "draws": DRAWS,
        "confidence": CONFIDENCE,
        "submitted_after": _day(asked.after),
        "submitted_before": _day(asked.before),
        "n_testimonies": found.n_testimonies,
        "n_waiting": found.n_waiting,
        "coders": found.coders,
        "results": [_entry(row, f"{asked.codebook.slug}@{asked.codebook.edition}") for row in found.rows],
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _entry(row: Row, codebook: str) -> AgreementEntry:
    narrowed = {"code": f"{codebook}/{row.slug}"} if row.scope is Scope.CODE else {}
    return {
        "scope": row.scope.value,
        "code_id": str(row.code_id) if row.code_id else None,
        "slug": row.slug,
        "label": row.label,
        "dimension": row.dimension,
        "n_units": row.n_units,
        "n_coders": row.n_coders,
        "alpha": _six(row.alpha.value),
        "alpha_status": status(row.alpha.reason).value,
        "alpha_reason": _why(row.alpha.reason),
        "alpha_low": _six(row.interval.low),
        "alpha_high": _six(row.interval.high),
        "interval_status": status(row.interval.reason).value,
        "interval_reason": _why(row.interval.reason),
        "interval_draws": row.interval.draws,
        "mean_alpha_of_codes": _six(row.mean_alpha),
        "percent_agreement": _six(row.percent.pooled.value),
        "percent_agreement_mean_of_units": _six(row.percent.mean.value),
        "percent_status": status(row.percent.pooled.reason).value,
        "percent_reason": _why(row.percent.pooled.reason),
        "n_agreeing_pairs": row.percent.agreeing,
        "n_pairs": row.percent.pairs,
        "kappas": [
            {
                "coder": pair.coder,
                "other_coder": pair.other,
                "n_units": pair.n_units,
                "n_agreeing": pair.n_agreeing,
                "kappa": _six(pair.kappa.value),
                "status": status(pair.kappa.reason).value,
                "reason": _why(pair.kappa.reason),
            }
            for pair in row.pairs
        ],
        "confusions": f"/api/v1/agreement/confusions/?{urlencode({'codebook': codebook, **narrowed})}",
    }


def _six(value: float | None) -> float | None:
    """Six decimals say more than any coefficient of agreement does, and hide what machines add in the last ones."""
    return None if value is None else round(value, 6)


def _why(reason: Reason | None) -> str:
    return reason.value if reason else NoAnswerReason.NONE.value


def _confusion(found: confusions.Confusion) -> Confusion:
    return {
        "id": str(found.id),
        "testimony_id": str(found.testimony.pk),
        "testimony_ref": found.testimony.ref,
        "codebook": found.code.codebook.slug,
        "version": found.code.codebook.edition,
        "code_id": str(found.code.pk),
        "code": found.code.slug,
        "dimension": found.code.dimension,
        "said": [
            {
                "coder": one.coder,
                "presence": one.presence,
                "passages": [
                    {
                        "coding_id": str(coding.pk),
                        "text_id": str(coding.text_id) if coding.text_id else None,
                        "start": coding.start,
                        "end": coding.end,
                        "quote": coding.quote,
                    }
                    for coding in one.codings
                ],
                "other_codes": one.other_codes,
            }
            for one in found.said
        ],
    }
