"""What staff may ask of the administration: of each list what it shows, and of everything what their rights say."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import DataError
from django.db.models import Field, Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from chat import inputs, lines

MOST_QUESTIONS, MOST_SEARCH_CHARS = 50, 200
"""SQLite takes no condition that is nested a thousand times."""
Row = TypeVar("Row", bound=Model)
if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin
else:

    class AnyModelAdmin(admin.ModelAdmin):
        def __class_getitem__(cls, _row: Any) -> type:
            return cls


LOOKUPS = {
    *("exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"),
    *("in", "isnull", "gt", "gte", "lt", "lte", "range", "date", "year", "month", "day"),
}
"""No regular expressions: SQLite runs them in this process, where one can take for ever."""


class Line(forms.CharField):
    """A title or name: one line of which everything can be seen."""

    def to_python(self, value: Any) -> Any:
        return lines.shown(super().to_python(value) or "")


class Admin(AnyModelAdmin[Row]):
    """The base of all our admins. Lists answer questions about nothing that they do not show."""

    view_on_site = False
    lines: tuple[str, ...] = ()
    """The fields that hold a title or name."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        name, asked = _named(self.model, lookup)
        may = name in self._names_shown(request) and asked <= LOOKUPS
        return may and super().lookup_allowed(lookup, value, request)

    def _names_shown(self, request: HttpRequest) -> set[str]:
        shown = {*self.get_list_display(request), *self.get_search_fields(request), self.date_hierarchy}
        return {name for name in shown if isinstance(name, str)} | set(_filtered(self.get_list_filter(request)))

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """As the base class; what no field can be compared with is answered like other nonsense in an address."""
        try:
            if sum(len(values) for _name, values in request.GET.lists()) > MOST_QUESTIONS:
                raise ValueError("too many questions")
            return super().get_changelist_instance(request)
        except (DataError, OverflowError, ValidationError, ValueError) as error:
            raise IncorrectLookupParameters(error) from None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        return super().get_search_results(request, queryset, search_term[:MOST_SEARCH_CHARS])

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Row | None:
        """As the base class; whoever may do nothing here does not even learn whether there is such a thing."""
        if not any(self.get_model_perms(request).values()):
            raise PermissionDenied
        return super().get_object(request, object_id, from_field)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *where: Any) -> HttpResponse | None:
        if all(_is_key_of(self.model, value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            return super().response_action(request, queryset, *where)
        words = _("Nothing was done: the page named something that is not in this list. Please choose from the list.")
        self.message_user(request, words, "error")
        return None

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.lines:
            kwargs["form_class"] = Line
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _filtered(filters: Any) -> Iterator[str]:
    """The names by which a list's own filters ask."""
    for item in filters:
        if isinstance(item, (str, tuple, list)):
            yield item if isinstance(item, str) else item[0]
        else:
            yield item.parameter_name


def _named(model: type[Model], lookup: str) -> tuple[str, set[str]]:
    """The field that a lookup names, with the relations on the way to it, and what it asks of that field.

    A relation's target goes by the name of the relation: `group`, `group_id`, `group__id` and `group__pk` are one.
    """
    parts = lookup.split(LOOKUP_SEP)
    names: list[str] = []
    at: type[Model] | None = model
    while parts and at and (field := _field(at, parts[0])):
        if not (names and getattr(field, "primary_key", False) and not field.is_relation):
            names.append(field.name)
        at = field.related_model if isinstance(field.related_model, type) else None
        del parts[0]
    if not names:  # something counted on the way, or a filter of our own
        names.append(parts.pop(0))
    return LOOKUP_SEP.join(names), set(parts)


def _field(model: type[Model], name: str) -> Any:
    try:
        return model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _is_key_of(model: type[Model], value: str) -> bool:
    assert model._meta.pk
    try:
        key = model._meta.pk.to_python(value)
    except ValidationError:
        return False
    return not isinstance(key, int) or 0 <= key <= inputs.LARGEST_KEY
