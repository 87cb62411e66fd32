"""Forms that say what somebody changed, and on which version: they validate, and never fill or save a record.

Every form carries what it began with (Django's `show_hidden_initial`) and the version that it showed. Both come from the
browser and are harmless if forged: the first decides only what is sent to a service, which checks it all, and the second
only what is refused.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.forms.formsets import DELETION_FIELD_NAME, BaseFormSet
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField

from testimonies.admin import fields
from testimonies.errors import DomainError, Invalid
from testimonies.services.together import Part

LARGEST = 2**31 - 1
if TYPE_CHECKING:
    _InlineForms = BaseInlineFormSet[Any, Any, "RecordForm"]
    _RecordForm = forms.ModelForm[Any]
else:
    _InlineForms, _RecordForm = BaseInlineFormSet, forms.ModelForm


MINE, THEIRS = "mine", "theirs"


def choice_name(html_name: str) -> str:
    """Name of the input in which somebody chooses between what they wrote and what is there now."""
    return f"take-{html_name}"


def asked_name(html_name: str) -> str:
    """Name of the input that says that they must."""
    return f"asked-{html_name}"


class RecordForm(_RecordForm):
    shown_version = forms.IntegerField(required=False, min_value=1, max_value=LARGEST, widget=forms.HiddenInput)

    BESIDE: ClassVar[tuple[str, ...]] = ()
    """Fields that are no columns of the record; `beside` says what they hold."""
    refusals: ClassVar[Mapping[str, DomainError]] = {}
    """What the service said of these forms when they were saved a moment ago, by prefix."""
    closed: ClassVar[str] = ""
    """Why nothing may be changed here; empty: it may."""

    def __init__(self, *args: Any, is_gone: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_gone = is_gone
        """Whether the part that the form was sent with is no longer there."""
        self.is_new = self.instance._state.adding  # noqa: SLF001 - Django's own word for it
        if not self.is_new:
            self.initial = {**self.beside(), "shown_version": self.instance.version, **self.initial}
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.HiddenInput):
                continue
            if field.hidden_widget is forms.MultipleHiddenInput:
                field.hidden_widget = fields.ManyHidden
            field.show_hidden_initial = not self.is_new or is_gone
            field.disabled = field.disabled or bool(self.closed) or self.choice(name) == THEIRS

    def beside(self) -> dict[str, Any]:
        """Values of the fields that are no columns of the record."""
        return {}

    def choice(self, name: str) -> str:
        """What was chosen on the page of an overtaken form. Theirs means: as if nothing had been typed."""
        return str(self.data.get(choice_name(self.add_prefix(name)), "")) if self.is_bound else ""

    @property
    def at_version(self) -> int | None:
        return self.cleaned_data.get("shown_version")

    @property
    def touched(self) -> list[str]:
        """Names of the fields in which something else stands than the form began with."""
        return [name for name in self.changed_data if name not in {"shown_version", "id", DELETION_FIELD_NAME}]

    def values(self) -> dict[str, Any]:
        """What to tell the service: all fields of a new record, else those that were changed."""
        names = self.cleaned_data.keys() - {"shown_version", "id", DELETION_FIELD_NAME} if self.is_new else self.touched
        return {
            self._service_name(name): self.cleaned_data[name]
            for name in names
            if name in self.cleaned_data and name not in self._linking() and not self.fields[name].disabled
        }

    def _service_name(self, name: str) -> str:
        return f"{name}_id" if isinstance(self.fields[name], fields.Related) else name

    def _linking(self) -> set[str]:
        return {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}

    def _post_clean(self) -> None:
        """The model's validators. Constraints are PostgreSQL's, who asks them once: when a service saves."""
        for name in [name for name in self.changed_data if name in self.cleaned_data]:
            try:
                column = self._meta.model._meta.get_field(name)
            except FieldDoesNotExist:
                continue
            if column.is_relation or self.cleaned_data[name] in column.empty_values:
                continue
            try:
                column.run_validators(self.cleaned_data[name])
            except ValidationError as error:
                self.add_error(name, error)
        if not self.is_new and self.at_version is None:
            self.add_error(None, "The form has lost the version that it showed. Open the record again.")
        for name in self.fields:
            if self.is_bound and asked_name(self.add_prefix(name)) in self.data and not self.choice(name):
                self.add_error(name, "Choose what to keep: what you wrote, or what is there now.")
        if refusal := self.refusals.get(self.prefix or ""):
            self.refuse(refusal)

    def refuse(self, refusal: DomainError) -> None:
        """Say at the field concerned what a service said."""
        if not isinstance(refusal, Invalid):
            self.add_error(None, refusal.detail)
            return
        for pointer, _, detail in refusal.errors:
            name = pointer.strip("/").split("/")[0]
            names = [one for one in (name, name.removesuffix("_id")) if one in self.fields]
            self.add_error(names[0] if names else None, detail)

    def validate_unique(self) -> None:
        """PostgreSQL's, as all constraints are."""


class PartForms(_InlineForms):
    """The parts of one kind that a record has. A part that is no longer there keeps what was typed into its form."""

    if TYPE_CHECKING:  # Django's own, unknown to its stubs
        model: Any
        prefix: str

    refusals: ClassVar[Mapping[str, DomainError]] = {}

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        if not self.is_bound or i >= self.initial_form_count():
            return super()._construct_form(i, **kwargs)  # type: ignore[misc]
        part_id = fields.as_uuid(self.data.get(f"{self.add_prefix(i)}-id"))
        stored = self.stored.get(part_id) if part_id else None
        instance = stored or self.model(**({"pk": part_id} if part_id else {}))
        setattr(instance, self.fk.name, self.instance)
        make: Any = BaseFormSet._construct_form  # type: ignore[attr-defined] # noqa: SLF001
        return make(self, i, instance=instance, is_gone=stored is None, **kwargs)

    @property
    def stored(self) -> dict[UUID, Any]:
        """The parts that are there now, by id."""
        if not hasattr(self, "_stored"):
            self._stored = {part.pk: part for part in super().get_queryset()} if self.instance.pk else {}
        return self._stored

    def get_queryset(self) -> Any:
        """Beside its form, each part: those that the forms were sent with, once they were sent."""
        if self.is_bound:
            return [form.instance for form in self.initial_forms]
        return list(self.stored.values())

    def add_fields(self, form: Any, index: int | None) -> None:
        BaseFormSet.add_fields(self, form, index)
        self._pk_field = self.model._meta.pk  # where Django's templates look for it
        pk = None if form.instance._state.adding and not form.is_gone else form.instance.pk  # noqa: SLF001
        form.fields["id"] = forms.UUIDField(initial=pk, required=False, widget=forms.HiddenInput)
        form.fields[self.fk.name] = InlineForeignKeyField(self.instance, label=self.fk.verbose_name, required=False)

    def clean(self) -> None:
        """Django leaves out what is wrong with a form that is to be deleted."""
        for form in self.deleted_forms:
            if refusal := self.refusals.get(form.prefix or ""):
                raise ValidationError(refusal.detail)
        for form in self.initial_forms:
            if asked_name(form.add_prefix("row")) in self.data and not form.choice("row"):
                raise ValidationError("Choose whether the part is to stay.")

    def is_removed(self, form: RecordForm) -> bool:
        return bool(self.can_delete and self._should_delete_form(form))

    def _should_delete_form(self, form: Any) -> bool:
        """A part that is gone, and is to stay so, is not looked at any further."""
        is_marked = super()._should_delete_form(form)  # type: ignore[misc]
        return bool(is_marked) or (form.is_gone and form.choice("row") == THEIRS)

    def parts(self) -> Iterator[Part]:
        """What is to become of those that were touched."""
        for form in self.forms:
            is_removed = self.is_removed(form)
            here: dict[str, Any] = {"name": form.prefix, "kind": self.model}
            if form.is_gone or form.is_new:
                if not is_removed and form.touched:
                    yield Part(**here, values=form.values())
            elif is_removed:
                if form.choice("row") != THEIRS:
                    yield Part(**here, id=form.instance.pk, version=form.at_version, values=None)
            elif form.touched:
                yield Part(**here, id=form.instance.pk, version=form.at_version, values=form.values())
