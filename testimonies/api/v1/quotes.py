"""/api/v1/quotes/: passages that may be quoted, with what must stand beside them."""

from typing import Any

from django.http import HttpResponse
from rest_framework.decorators import action

from testimonies import models
from testimonies.access import Capability, Tier, Use
from testimonies.api import parsing
from testimonies.api.parsing import Choice, Id, Text, Whole
from testimonies.api.parts import StaffOnly
from testimonies.api.reading import ReadViewSet
from testimonies.api.saying import says
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin, record_id
from testimonies.errors import InvalidParameter
from testimonies.models.codings import Anchor
from testimonies.models.quotes import VERDICTS, QuoteStatus
from testimonies.projections import shapes
from testimonies.selectors import documents, filters, parameters
from testimonies.selectors import quotes as selected
from testimonies.selectors.filters import Context, Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.services import quotes

_MOST = 2_147_483_647
QuoteWriteSerializer = fields.body(
    "QuoteWrite",
    "A passage that is proposed for quoting, as written.",
    testimony_id=Id(help_text="The testimony."),
    text_id=Id(
        allow_null=True,
        required=False,
        default=None,
        help_text="The text that the passage is of. With start and end left out: where the words stand once.",
    ),
    start=Whole(
        min_value=0,
        max_value=_MOST,
        allow_null=True,
        required=False,
        default=None,
        help_text="Where the passage starts, in Unicode code points from 0.",
    ),
    end=Whole(
        min_value=1,
        max_value=_MOST,
        allow_null=True,
        required=False,
        default=None,
        help_text="Where it ends: that of the first code point after it.",
    ),
    quote=Text(max_length=200_000, help_text="The words there: they must be those of the text."),
    translation_of_id=Id(
        allow_null=True,
        required=False,
        default=None,
        help_text="The quote of the same testimony that this one says in another language.",
    ),
    **fields.of(models.Quote, "note", "tier"),
)
QuoteDecisionSerializer = fields.body(
    "QuoteDecision",
    "What a second person decides.",
    to=Choice(choices=VERDICTS, help_text="approved: may be quoted wherever a clearance covers it. rejected: may not."),
)


def _one_use(name: str, values: list[str], context: Context) -> list[str]:
    """Errors: InvalidParameter; what expires when would not be clear of two."""
    if len(values) > 1:
        raise InvalidParameter(name, "repeated", "Give this parameter once: a quote is wanted for one use.")
    return filters.word(Use)(name, values, context)


def _of_testimony(where: filters.Where) -> filters.Where:
    return lambda values, context: selected.of_testimony(where(values, context), context)


class QuoteViewSet(WriteMixin, ReadViewSet):
    """Passages that may be quoted now. Below restricted each is approved and its testimony seen and cleared for quoting.

    Name the use that you want them for with `cleared_for`: then each is cleared for that use as well, and `expires_at`
    says until when. Keep `attribution`, `content_warnings` and `caveats` with the words, and ask again before each use.
    """

    noun = "quote"
    service = quotes
    write = QuoteWriteSerializer
    shape = item = shapes.Quote
    declared = Declared(
        name="quotes",
        filters=(
            Filter(
                "cleared_for",
                "The use that the quotes are wanted for; they are cleared for quoting in any case. Given once.",
                _one_use,
                selected.cleared_for,
                choices=Use,
            ),
            Filter(
                "testimony",
                "Testimony, by id or reference.",
                filters.key("T"),
                _of_testimony(filters.id_or_ref("testimony_id", "ref")),
            ),
            Filter(
                "code",
                "Consensus code of the testimony: slug, or codebook/slug; counts its children.",
                filters.code,
                _of_testimony(filters.any_code),
            ),
            Filter(
                "collection", "Collection.", filters.slug_of("collection"), _of_testimony(filters.array("collections"))
            ),
            Filter(
                "outlet",
                "Outlet of a source; case and accents do not matter.",
                filters.folded,
                _of_testimony(filters.array("outlets")),
            ),
            Filter("language", "Language of the passage: a BCP 47 tag.", filters.language, selected.in_language),
            enumeration(
                "status", "Where it stands. For staff.", QuoteStatus, filters.column("status"), Tier.RESTRICTED
            ),
            enumeration(
                "anchor", "How it holds on to its text. For staff.", Anchor, filters.column("anchor"), Tier.RESTRICTED
            ),
        ),
        orders={"default": Order("testimony_id", "uuid")},
        ordering="default",
        key=Order("id", "uuid"),
    )
    capability = Capability.DRAFT

    def page(self, request: Any, query: parameters.Query) -> Page:
        return selected.page(query, request.user, request._request.GET.get("cleared_for", ""))

    def document(self, request: Any, pk: str) -> documents.Document:
        return selected.document(record_id(pk), request.user)

    @says("decide_quote", "Decide a quote", body=QuoteDecisionSerializer)
    @action(detail=True, methods=["post"], permission_classes=[StaffOnly])
    def decision(self, request: Any, pk: str) -> HttpResponse:
        """Approve or reject. Nobody approves what they proposed."""
        values = parsing.read(QuoteDecisionSerializer, parsing.body(request))
        quote = quotes.decide(record_id(pk), by=request.user, **values)
        return self._read_again(request, quote.pk, status=200)
