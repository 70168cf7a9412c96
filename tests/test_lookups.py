"""Lists of the administration: they answer questions about what they show, and about nothing else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client

from chat.models import Conversation, User
from tests.strangers import SECRET, Alices
from tests.test_views import talk

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = {
    "account/emailaddress": {"email", "user", "primary", "verified"},
    "auth/group": {"name"},
    "chat/conversation": {"title", "owner", "model", "updated", "deleted"},
    "chat/invitation": {"group", "most", "used", "expires", "created_by"},
    "chat/persona": {"name"},
    "chat/receipt": {"id", "at", "digest"},
    "chat/user": {"username", "email", "first_name", "last_name", "is_active", "is_waiting", "is_staff", "is_superuser",
                  "last_login", "groups"},
    "socialaccount/socialaccount": {"user", "uid", "provider"},
}  # fmt: skip
"""By hand: what each list may be asked about, because it shows it. A relation goes by its own name."""
LOOKUPS = ("", "__exact", "__startswith", "__icontains", "__regex", "__iregex", "__isnull", "__gt", "__in")
ALL_RIGHTS = {"account/emailaddress", "socialaccount/socialaccount"}
MODELS = sorted(model._meta.label_lower.replace(".", "/") for model in admin.site._registry)


def model_of(name: str) -> type[Model]:
    return next(model for model in admin.site._registry if model._meta.label_lower.replace(".", "/") == name)


def paths(model: type[Model], depth: int = 2) -> Iterator[str]:
    """Every field of a model, and every field of every model that a relation leads to, there and back."""
    for field in model._meta.get_fields(include_hidden=True):
        yield field.name
        yield from [field.attname] if hasattr(field, "attname") else []
        if depth > 1 and isinstance(field.related_model, type):
            yield from (f"{field.name}__{further}" for further in [*paths(field.related_model, depth - 1), "pk"])


def asks_about(model: type[Model], path: str) -> str:
    """The path as the table above writes it: `owner__id` and `owner_id` ask no more than `owner`."""
    relation, _, key = path.partition("__")
    field = model._meta.get_field(relation)
    own = field.name == relation or not key
    target = getattr(field.related_model, "_meta", None)
    is_target = key == "pk" or (target is not None and key == target.pk.name)
    return field.name if own and (not key or is_target) else path


def staff(client: Client, name: str, right: str) -> Client:
    """A person of staff with one permission, or with all where one is not enough."""
    rights = Permission.objects.filter(codename=f"{right}_{name.split('/')[1]}")
    clerk = User.objects.create_user("clerk", is_staff=True, is_superuser=name in ALL_RIGHTS)
    clerk.user_permissions.set(rights)
    client.raise_request_exception = False
    client.force_login(clerk)
    return client


@pytest.mark.parametrize("name", MODELS)
def test_no_question_about_what_a_list_does_not_show_is_answered(client: Client, alices: Alices, name: str) -> None:
    desk, model = staff(client, name, "view"), model_of(name)
    near = {(path, lookup) for path in paths(model) for lookup in LOOKUPS}
    far = {(path, "__startswith") for path in paths(model, depth=3)}
    answered = {(path, lookup) for path, lookup in near | far
                if desk.get(f"/admin/{name}/", {f"{path}{lookup}": SECRET}).status_code != 400}  # fmt: skip
    assert {asks_about(model, path) for path, _lookup in answered} == ASKED[name]
    assert not [path for path, lookup in answered if "regex" in lookup]
