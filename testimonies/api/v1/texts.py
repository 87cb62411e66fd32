"""/api/v1/testimonies/{testimony_id}/texts/: transcripts, excerpts and translations."""

from typing import Any

from testimonies import models
from testimonies.api.parsing import Id
from testimonies.api.parts import PartsMixin
from testimonies.api.reading import ReadViewSet
from testimonies.api.v1 import fields
from testimonies.api.writing import record_id
from testimonies.models.testimonies import TextKind
from testimonies.projections import shapes
from testimonies.selectors import documents, filters, parameters
from testimonies.selectors.filters import Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.services import texts

TextWriteSerializer = fields.body(
    "TextWrite",
    "A text, as written.",
    **fields.of(models.Text, "language", "kind", "body", "tier"),
    translation_of_id=Id(
        allow_null=True, required=False, default=None, help_text="The text of the same testimony that it translates."
    ),
    position=fields.position(),
)


class TextViewSet(PartsMixin, ReadViewSet):
    """Transcripts, excerpts and translations of one testimony that the caller may see."""

    noun = "text"
    acts = texts
    write = TextWriteSerializer
    shape = item = shapes.TextEntry
    declared = Declared(
        name="texts",
        filters=(
            Filter(
                "language",
                "Language of the text: a BCP 47 tag.",
                filters.language,
                filters.column("document::jsonb ->> 'language'"),
            ),
            enumeration("kind", "What kind of text it is.", TextKind, filters.column("document::jsonb ->> 'kind'")),
        ),
        orders={"position": Order("position", "int")},
        ordering="position",
        key=Order("text_id", "uuid"),
    )

    def page(self, request: Any, query: parameters.Query) -> Page:
        return documents.texts(self.testimony_key, query, request.user)

    def document(self, request: Any, pk: str) -> documents.Document:
        return documents.text(self.testimony_key, record_id(pk), request.user)
