"""Signing in and out, sessions, and that nobody is led elsewhere."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.models import User
from tests.people import LOGIN, NEW, PASSWORD, SIGNUP, is_in, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_name_is_found_in_any_case(client: Client, alice: User) -> None:
    assert sign_in(client, "ALICE").status_code == 302
    assert is_in(client)


def test_an_account_without_the_index_column_signs_in_too(client: Client, alice: User) -> None:
    User.objects.update(lookalike=None)
    assert sign_in(client).status_code == 302


@pytest.mark.usefixtures("mailing")
@pytest.mark.parametrize("login", ["alice", "alice@example.org", "nobody", "nobody@example.org"])
def test_a_sign_in_looks_into_indexes_only(client: Client, alice: User, login: str) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    with CaptureQueriesContext(connection) as queries:
        sign_in(client, login)
        client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    assert len(queries) <= 40
    selects = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert len(selects) > 2
    assert not [sql for sql in selects if reads_everything(sql)]


def reads_everything(sql: str) -> bool:
    """Whether a statement can find its rows only by looking at all of a table."""
    on_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if on_postgresql:
            cursor.execute("SET enable_seqscan = off")
        elif "sqlite_stat1" in connection.introspection.table_names(cursor):  # another test's: that tables are small
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_master")
        cursor.execute(f"{'EXPLAIN' if on_postgresql else 'EXPLAIN QUERY PLAN'} {sql.replace('%', '%%')}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    return ("Seq Scan" if on_postgresql else "SCAN") in plan


def test_a_page_of_sign_in_asks_the_database_nothing(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LOGIN).status_code == 200
    assert len(queries) == 0


def test_the_session_key_changes_with_the_sign_in(client: Client, alice: User) -> None:
    session = client.session
    session["before"] = True
    session.save()
    planted = session.session_key
    sign_in(client)
    assert client.session.session_key != planted
    other = Client()
    other.cookies["sessionid"] = planted
    assert not is_in(other)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_away(client: Client, alice: User, target: str) -> None:
    answer = client.post(f"{LOGIN}?next={target}", {"login": "alice", "password": PASSWORD, "next": target})
    assert answer["Location"] == "/"
    assert client.post("/accounts/logout/", {"next": target})["Location"] == "/accounts/login/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "http:evil.example"])
def test_no_other_form_leads_away_either(client: Client, alice: User, settings: Any, target: str) -> None:
    settings.SIGNUP = "open"
    sign_in(client)
    answers = [
        client.post(f"/accounts/reauthenticate/?next={target}", {"password": PASSWORD, "next": target}),
        client.post("/theme/", {"theme": "dark", "next": target}),
        client.post("/conversations/", {"action": "delete", "next": target}),
        client.post(f"/accounts/logout/?next={target}", {"next": target}),
        Client().post(f"{SIGNUP}?next={target}", NEW | {"next": target}),
        Client().post(f"/admin/login/?next={target}", {"next": target}),
    ]
    for answer in answers:
        assert answer.status_code in (302, 303)
        assert urlsplit(answer["Location"]).netloc == ""
        assert "evil" not in urlsplit(answer["Location"]).path


def test_giant_names_are_only_wrong(client: Client) -> None:
    answer = sign_in(client, "x" * 500_000, "y" * 200_000)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode() or "errorlist" in answer.content.decode()


def test_a_nul_in_a_name_is_only_wrong(client: Client) -> None:
    assert sign_in(client, "ali\x00ce").status_code == 200


def test_the_admin_is_behind_the_same_door(client: Client, alice: User, charlie: User) -> None:
    assert client.get("/admin/login/")["Location"].startswith(LOGIN)
    assert client.post("/admin/login/", {"username": "charlie", "password": PASSWORD}).status_code == 302
    assert client.get("/admin/").status_code == 302
    sign_in(client)
    assert client.get("/admin/login/").status_code == 403
    client.post("/accounts/logout/")
    sign_in(client, "charlie")
    assert client.get("/admin/").status_code == 200


def test_the_password_changes_and_ends_the_other_sessions(client: Client, alice: User) -> None:
    other = Client()
    sign_in(other)
    sign_in(client)
    answer = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "new-ink-77", "password2": "new-ink-77"}
    )
    assert answer.status_code == 302
    assert is_in(client)
    assert not is_in(other)


def test_sessions_are_listed_and_others_ended(client: Client, alice: User) -> None:
    other = Client(HTTP_USER_AGENT="Netscape 4")
    sign_in(other)
    sign_in(client)
    assert "Netscape 4" in client.get("/accounts/sessions/").content.decode()
    client.post("/accounts/sessions/")
    assert is_in(client)
    assert not is_in(other)
