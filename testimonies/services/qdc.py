"""The act of making a codebook of a REFI-QDA file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid
from testimonies.models import Code, Codebook
from testimonies.services import codebooks, records
from testimonies.services.acts import act
from testimonies.values import code_words, qdc
from testimonies.values.safe_xml import Refused


@act(Capability.CURATE)
def create(*, by: Actor, document: str | bytes, **values: Any) -> Codebook:
    """A draft with the codes of the file; `values` are those of the codebook. Codes keep their guids.

    Errors: Invalid, with the line of everything that is wrong; Exists, of that slug and edition.
    """
    try:
        codes = qdc.load(document)
    except Refused as error:
        raise Invalid(("/qdc", "not_read", f"{error}.")) from None
    except qdc.Unfit as error:
        raise Invalid(*(("/qdc", "does_not_fit", problem) for problem in error.problems)) from None
    projections.lock(codebook=[], code=[])
    codebook = codebooks.create(by=by, **values)
    _Filling(codebook, by).add(codes, None)
    return codebook


@dataclass
class _Filling:
    codebook: Codebook
    by: Actor
    slugs: set[str] = field(default_factory=set)

    def add(self, codes: Iterable[qdc.QdaCode], parent: Code | None) -> None:
        for code in codes:
            words = code_words.said(code.description)
            slug = words.pop("slug", "") or code_words.slug_of(code.name, self.slugs)
            if slug in self.slugs:
                taken = f"Line {code.line}: its short name is that of a code before it too."
                raise Invalid(("/qdc", "does_not_fit", taken))
            row = Code(
                codebook=self.codebook,
                parent=parent,
                guid=code.guid,
                slug=slug,
                dimension=parent.dimension if parent else slug,
                level=parent.level + 1 if parent else 1,
                position=len(self.slugs),
                label=code.name,
                is_assignable=code.is_codable,
                color=code.color,
                created_by_id=self.by.user_id,
                **words,
            )
            self.slugs.add(slug)
            self.add(code.codes, records.store(row, pointer="/qdc"))
