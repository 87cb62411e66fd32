"""How people call a record where only one line of it is shown. The desk is for staff: names are shown as printed."""

from functools import singledispatch

from django.db import models

from testimonies.models import Campaign, Code, Collection, Person, Quote, Source, Testimony, Text


@singledispatch
def label(record: models.Model) -> str:
    return str(record)


@label.register
def _(person: Person) -> str:
    about = ", ".join(filter(None, [person.get_gender_display(), person.nationality]))
    return f"{person.name or 'unnamed'} ({about}) {person.ref}"


@label.register
def _(source: Source) -> str:
    about = ", ".join(filter(None, [source.outlet, source.title, source.published]))
    return f"{about} {source.ref}"


@label.register
def _(testimony: Testimony) -> str:
    return f"{testimony.title} {testimony.ref}"


@label.register
def _(code: Code) -> str:
    return f"{code.label} ({code.slug})"


@label.register
def _(collection: Collection) -> str:
    return collection.title


@label.register
def _(campaign: Campaign) -> str:
    return campaign.title


@label.register
def _(quote: Quote) -> str:
    return f"{quote.quote[:60]} ({quote.get_status_display().partition(':')[0]})"


@label.register
def _(text: Text) -> str:
    return f"{text.get_kind_display()} in {text.language}: {text.body[:60]}"
