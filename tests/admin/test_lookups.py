"""Lists of the administration: they answer questions about what they show, and about nothing else."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client, RequestFactory

from chat.models import Conversation, User
from tests.people import invite
from tests.strangers import SECRET
from tests.talks import talk

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


@pytest.fixture(autouse=True)
def _calm(caplog: pytest.LogCaptureFixture) -> None:
    """A thousand refusals need not be told with a thousand tracebacks."""
    caplog.set_level(logging.CRITICAL, "django.security")


@pytest.mark.usefixtures("alices")
@pytest.mark.parametrize("name", MODELS)
def test_no_question_about_what_a_list_does_not_show_is_answered(client: Client, name: str) -> None:
    desk, model = staff(client, name, "view"), model_of(name)
    near = {(path, lookup) for path in paths(model, 1) for lookup in LOOKUPS}
    far = {(path, lookup) for path in paths(model, 2) for lookup in ("", "__startswith")}
    answered = {(path, lookup) for path, lookup in near | far
                if desk.get(f"/admin/{name}/", {f"{path}{lookup}": SECRET}).status_code != 400}  # fmt: skip
    assert {asks_about(model, path) for path, _lookup in answered} == ASKED[name]
    assert not [path for path, lookup in answered if "regex" in lookup]


@pytest.mark.parametrize("name", MODELS)
def test_nor_along_longer_ways_from_model_to_model(rf: RequestFactory, charlie: User, name: str) -> None:
    request = rf.get("/")
    request.user = charlie
    model = model_of(name)
    desk = admin.site.get_model_admin(model)
    ways = set(paths(model, 4)) - set(paths(model, 2))
    assert [way for way in ways if desk.lookup_allowed(f"{way}__startswith", "s", request)] == []


def found(desk: Client, name: str, **query: str) -> list[str]:
    """The keys of the rows that a list shows."""
    answer = desk.get(f"/admin/{name}/", query)
    assert answer.status_code == 200, answer
    return re.findall(r'href="/admin/[^"]*/([^/"]+)/change/', answer.content.decode())


@pytest.mark.parametrize("name", MODELS)
def test_lists_are_ordered_by_what_they_show(client: Client, charlie: User, name: str) -> None:
    client.force_login(charlie)
    may = ASKED[name] | {"pk", "id", "last_state", "created", "at"}
    for column in range(-9, 10):
        query = client.get(f"/admin/{name}/", {"o": str(column)}).context["cl"].queryset.query
        ordered = {re.sub(r"^-|OrderBy\(F\(|\).*", "", str(part)) for part in query.order_by}
        assert ordered <= may, column


HIDDEN = ("unsent-1", "private-2", "unsent-3", "private-4", "mine-5", "mine-6", "branch-7", "argon2")


@pytest.fixture
def hidden(alice: User) -> Conversation:
    """Alice's conversation; no page of the administration shows these words of hers to anybody."""
    User.objects.filter(pk=alice.pk).update(draft="unsent-1", system_prompt="private-2", password="argon2$branch-7")
    row = talk(alice, "Hello", "Hi", title="Shown")
    Conversation.objects.filter(pk=row.pk).update(draft="unsent-3", instructions="private-4")
    alice.personas.create(name="mine-5", text="mine-6")
    row.messages.create(author="user", text="branch-7", shown=False)
    return row


@pytest.mark.parametrize("right", ["view", "add", "change", "delete"])
def test_no_page_shows_what_people_have_not_said(client: Client, hidden: Conversation, right: str) -> None:
    """Lists, their searches, forms, histories, pages before a deletion: for who has this right to everything."""
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__startswith=f"{right}_"))
    client.force_login(clerk)
    keys = {"conversation": hidden.pk, "user": hidden.owner_id, "persona": hidden.owner.personas.get().pk}
    for name in MODELS:
        key = keys.get(name.split("/")[1], 1)
        for page in ("", "add/", f"{key}/change/", f"{key}/history/", f"{key}/delete/", f"{key}/"):
            said = client.get(f"/admin/{name}/{page}", follow=True).content.decode()
            assert [word for word in HIDDEN if word in said.replace("argon2$", "")] == [], f"{name}/{page}"
    for word in HIDDEN[:-1]:
        for name in ("chat/user", "chat/conversation", "chat/persona"):
            answer = client.get(f"/admin/{name}/", {"q": word})
            assert "/change/" not in answer.content.decode().replace("/admin/password_change/", ""), (name, word)


def test_a_reviewer_finds_what_transcripts_show_and_nothing_of_people(client: Client, hidden: Conversation) -> None:
    User.objects.filter(pk=hidden.owner_id).update(email="alice@ink.example")
    reviewer = staff(client, "chat/conversation", "view")
    assert [found(reviewer, "chat/conversation", q=word) for word in ("hello", "branch-7", "ink.example")] == [
        [str(hidden.pk)] * 2,
        [],
        [],
    ]
    User.objects.get(username="clerk").user_permissions.add(Permission.objects.get(codename="view_user"))
    assert found(reviewer, "chat/conversation", q="ink.example")


@pytest.mark.parametrize("field", ["draft", "password", "system_prompt", "lookalike", "email"])
def test_nobody_is_named_by_another_field_than_the_key(client: Client, hidden: Conversation, field: str) -> None:
    desk = staff(client, "chat/user", "change")
    for address in ("", f"{hidden.owner_id}/change/", "unsent-1/change/", "unsent-1/delete/"):
        assert desk.get(f"/admin/chat/user/{address}", {"_to_field": field, "_popup": "1"}).status_code in (400, 403)


def test_who_may_only_look_at_invitations_gets_no_way_in(client: Client, charlie: User) -> None:
    invitation = invite(created_by=charlie)
    clerk, page = staff(client, "chat/invitation", "view"), f"/admin/chat/invitation/{invitation.pk}/change/"
    assert "/invite/" not in clerk.get(page).content.decode()
    User.objects.get(username="clerk").user_permissions.add(Permission.objects.get(codename="add_invitation"))
    assert "/invite/" in clerk.get(page).content.decode()


def test_the_doors_past_the_lists_are_closed(client: Client, charlie: User, hidden: Conversation) -> None:
    client.force_login(charlie)
    for model, field in (("message", "conversation"), ("conversation", "owner"), ("persona", "owner")):
        asked = {"app_label": "chat", "model_name": model, "field_name": field, "term": "hello"}
        assert client.get("/admin/autocomplete/", asked).status_code == 404
    for key in (hidden.pk, "x"):
        kind = ContentType.objects.get_for_model(Conversation).pk
        assert client.get(f"/admin/r/{kind}/{key}/").status_code == 404


@pytest.mark.parametrize("right", ["view", "add", "change", "delete"])
def test_who_has_no_right_does_not_learn_what_there_is(client: Client, alice: User, right: str) -> None:
    desk = staff(client, "chat/invitation", right)
    for page in ("change", "history", "delete"):
        answers = {desk.get(f"/admin/chat/user/{key}/{page}/").status_code for key in (alice.pk, alice.pk + 999, "x")}
        assert answers == {403}, page


@pytest.mark.parametrize("key", ["0f8fad5b-d9cb-469f-a165-70867728950e", "x", "", "9" * 30, "-1", "1\x00"])
@pytest.mark.parametrize("name", ["chat/user", "chat/conversation", "auth/group"])
def test_an_action_on_what_is_no_row_is_answered_calmly(client: Client, charlie: User, name: str, key: str) -> None:
    client.force_login(charlie)
    form = {"action": "let_in" if name == "chat/user" else "delete_selected", "_selected_action": key}
    answer = client.post(f"/admin/{name}/", form, follow=True)
    assert answer.status_code == 200
    assert "Nothing was done" in answer.content.decode() or name == "chat/conversation" or key in ("-1",)


@pytest.mark.parametrize(
    "query",
    [
        {"groups__id__exact": "9" * 30},
        {"groups__id__in": "9" * 30},
        {"last_login__year": "9" * 30},
        {"last_login__gte": "yesterday"},
        {"is_active__exact": "perhaps"},
        {"username__isnull": "x"},
        {"p": "9" * 30},
        {"o": "9" * 30},
        {"q": "\x00"},
        {"username": "\x00"},
        {"q": "a " * 2_000},
        {"username": ["alice"] * 900},
    ],
)
def test_nonsense_in_an_address_is_answered_calmly(client: Client, charlie: User, query: dict[str, Any]) -> None:
    client.force_login(charlie)
    assert client.get("/admin/chat/user/", query, follow=True).status_code == 200
