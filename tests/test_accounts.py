"""Accounts: signing in and up, invitations, approval, new passwords, and whom none of it tells anything."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import names
from chat.accounts import invitations, passwords
from chat.models import Invitation, User

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "pen-and-ink-9"
LOGIN, SIGNUP = "/accounts/login/", "/accounts/signup/"
NEW = {"username": "dora", "password1": PASSWORD, "password2": PASSWORD}
JOINED = {"date_joined_0": "2026-01-31", "date_joined_1": "12:00"}  # which the form of a person asks for


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def mailing(settings: Any) -> None:
    """The settings as EMAIL_URL makes them; mail lands in `mail.outbox`."""
    settings.HAS_MAIL = True
    settings.ACCOUNT_LOGIN_METHODS = {"username", "email"}
    settings.ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def sign_in(client: Client, login: str = "alice", password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def invite(**fields: Any) -> Invitation:
    return Invitation.objects.create(**{"expires": timezone.now() + timedelta(days=1), **fields})


def path_of(link: str) -> str:
    return link.partition("localhost:8000")[2] or link.partition("127.0.0.1:8000")[2]


# Signing in


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


def test_wrong_name_and_wrong_password_get_the_same_answer(client: Client, alice: User) -> None:
    answers = []
    for name in ("alice", "nobody"):
        answer = sign_in(client, name, "wrong")
        page = re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", answer.content.decode()).replace(name, "NAME")
        answers.append((answer.status_code, page))
    assert answers[0] == answers[1]


class Counted(MD5PasswordHasher):
    """Quick, and counts: hashing passwords is nearly all the time of which an answer could tell."""

    algorithm = "counted"
    times = 0

    def encode(self, password: str, salt: str) -> str:
        Counted.times += 1
        encoded: str = super().encode(password, salt)
        return encoded


@pytest.fixture
def unhurried(settings: Any) -> None:
    """Passwords are counted, and guesses are not."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted"]
    settings.ACCOUNT_RATE_LIMITS = False


def takes_as_long(known: Callable[[], Any], unknown: Callable[[], Any]) -> bool:
    """Whether both hash as many passwords and send as many messages."""
    return cost(known) == cost(unknown) != (0, 0)


def cost(work: Callable[[], Any]) -> tuple[int, int]:
    hashed, sent = Counted.times, len(mail.outbox)
    work()
    return Counted.times - hashed, len(mail.outbox) - sent


@pytest.mark.usefixtures("unhurried")
def test_wrong_name_and_wrong_password_take_as_long(client: Client) -> None:
    User.objects.create_user("alice", password=PASSWORD)
    assert takes_as_long(lambda: sign_in(client, "alice", "wrong"), lambda: sign_in(client, "nobody", "wrong"))


@pytest.mark.usefixtures("unhurried", "mailing")
@pytest.mark.parametrize("known", ["alice", "alice@example.org", "dora"])
def test_with_mail_they_take_as_long_too_and_so_do_accounts_without_password(client: Client, known: str) -> None:
    User.objects.create_user("alice", "alice@example.org", PASSWORD)
    User.objects.create_user("dora")
    unknown = "nobody@example.org" if "@" in known else "nobody"
    assert takes_as_long(lambda: sign_in(client, known, "wrong"), lambda: sign_in(client, unknown, "wrong"))


@pytest.mark.usefixtures("unhurried", "mailing")
def test_signing_up_and_asking_for_a_new_password_take_as_long_for_a_known_address(settings: Any) -> None:
    settings.SIGNUP = "open"
    User.objects.create_user("alice", "alice@example.org", PASSWORD)
    fresh = (f"new{number}" for number in count())

    def sign_up(address: str) -> None:
        name = next(fresh)
        Client().post(SIGNUP, NEW | {"username": name, "email": address.replace("*", name)})

    def forget(address: str) -> None:
        Client().post("/accounts/password/reset/", {"email": address})

    assert takes_as_long(lambda: sign_up("alice@example.org"), lambda: sign_up("*@example.org"))
    assert takes_as_long(lambda: forget("alice@example.org"), lambda: forget("nobody@example.org"))


def test_passwords_are_kept_with_argon2() -> None:
    from magickpen_site import settings as real

    assert real.PASSWORD_HASHERS[0].endswith(".Argon2PasswordHasher")


def test_a_thousand_wrong_passwords_do_not_help(client: Client, alice: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(1000):
        sign_in(client, "alice", f"wrong-{number}", HTTP_X_FORWARDED_FOR=f"203.0.113.{number % 250}")
    answer = sign_in(client)
    assert answer.status_code in (200, 429)
    assert not is_in(client)


def test_a_crowd_of_other_names_does_not_wash_a_counter_away(client: Client, alice: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        sign_in(client, "alice", f"wrong-{number}", HTTP_X_FORWARDED_FOR="203.0.113.1")
    for number in range(1000):
        sign_in(client, f"name{number}", "wrong", HTTP_X_FORWARDED_FOR=f"198.51.{number // 250}.{number % 250}")
    sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.2")
    assert not is_in(client)


def test_one_address_cannot_try_many_names(client: Client) -> None:
    for number in range(10):
        sign_in(client, f"name{number}", "wrong")
    User.objects.create_user("alice", password=PASSWORD)
    assert not is_in(client) if sign_in(client).status_code != 302 else pytest.fail("the eleventh try was let through")


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.9", "198.51.100.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::"),
        (1, "2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "nonsense", "198.51.100.1"),
        (1, "", "198.51.100.1"),
    ],
)
def test_addresses_are_counted_from_the_right(rf: Any, settings: Any, proxies: int, header: str, address: str) -> None:
    from allauth.account.adapter import get_adapter

    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", HTTP_X_FORWARDED_FOR=header, REMOTE_ADDR="198.51.100.1")
    assert get_adapter(request).get_client_ip(request) == address


def test_a_spoofed_address_does_not_escape_the_limit(client: Client, alice: User) -> None:
    for number in range(12):
        sign_in(client, f"name{number}", "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.99")
    assert not is_in(client)


def test_a_whole_network_of_one_subscriber_counts_as_one_address(client: Client, alice: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(12):
        sign_in(client, f"name{number}", "wrong", HTTP_X_FORWARDED_FOR=f"2001:db8:1:2::{number}")
    sign_in(client, HTTP_X_FORWARDED_FOR="2001:db8:1:2:3::")
    assert not is_in(client)
    sign_in(client, HTTP_X_FORWARDED_FOR="2001:db8:1:3::1")
    assert is_in(client)


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


PAGES = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/waiting/",
    "/accounts/password/reset/",
]
OWN_PAGES = [
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/webauthn/",
    "/accounts/sessions/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
]


@pytest.mark.parametrize("path", PAGES + OWN_PAGES)
def test_every_page_fits_the_house_and_its_policy(client: Client, alice: User, settings: Any, path: str) -> None:
    settings.SIGNUP = "open"
    if path in OWN_PAGES:
        sign_in(client)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "css/account" in page
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*( src=|application/json))", page)
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert len(re.findall(r"<h1", page)) == 1


# Signing up


def test_closed_is_the_default(client: Client, settings: Any) -> None:
    assert settings.SIGNUP == "closed"
    assert "made by the administrators" in client.get(SIGNUP).content.decode()
    client.post(SIGNUP, NEW)
    assert not User.objects.exists()
    assert "/accounts/signup/" not in client.get(LOGIN).content.decode()


def test_open_lets_everybody_in(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    assert client.post(SIGNUP, NEW)["Location"] == "/"
    assert is_in(client)
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_who_signs_up_waits_until_an_administrator_lets_them_in(client: Client, charlie: User, settings: Any) -> None:
    settings.SIGNUP = "approval"
    assert "will look at it" in client.get(SIGNUP).content.decode()
    assert client.post(SIGNUP, NEW)["Location"] == "/accounts/waiting/"
    assert "waits for an administrator" in client.get("/accounts/waiting/").content.decode()
    assert not is_in(client)
    assert sign_in(client, "dora")["Location"] == "/accounts/waiting/"
    dora = User.objects.get(username="dora")
    desk = Client()
    desk.force_login(charlie)
    assert "dora" in desk.get("/admin/chat/user/?is_waiting__exact=1").content.decode()
    desk.post("/admin/chat/user/", {"action": "let_in", "_selected_action": [dora.pk]})
    assert sign_in(client, "dora")["Location"] == "/"
    assert is_in(client)


def test_letting_in_does_not_wake_the_deactivated(client: Client, charlie: User, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    client.force_login(charlie)
    client.post("/admin/chat/user/", {"action": "let_in", "_selected_action": [alice.pk]})
    assert not User.objects.get(pk=alice.pk).is_active
    assert sign_in(Client())["Location"] == "/accounts/inactive/"
    assert sign_in(Client(), password="wrong").status_code == 200


def test_an_invitation_lets_its_holder_in_and_into_its_group(client: Client, settings: Any) -> None:
    settings.SIGNUP = "invite"
    group = Group.objects.create(name="Writers")
    invitation = invite(group=group)
    assert "made by the administrators" in client.get(SIGNUP).content.decode()
    assert client.get(path_of(invitations.link(invitation)))["Location"] == SIGNUP
    assert client.get(SIGNUP).status_code == 200
    assert client.post(SIGNUP, NEW)["Location"] == "/"
    assert is_in(client)
    assert list(User.objects.get().groups.all()) == [group]


def test_an_invitation_works_as_often_as_it_says(client: Client, settings: Any) -> None:
    settings.SIGNUP = "invite"
    path = path_of(invitations.link(invite(most=2)))
    late = Client()
    assert late.get(path).status_code == 302  # looked in time, came too late
    for name in ("dora", "emil"):
        guest = Client()
        guest.get(path)
        guest.post(SIGNUP, NEW | {"username": name})
    assert late.post(SIGNUP, NEW | {"username": "fritz"}).status_code in (200, 403)
    assert set(User.objects.values_list("username", flat=True)) == {"dora", "emil"}
    assert client.get(path).status_code == 404


def test_an_invitation_is_used_up_once_even_in_the_same_moment(rf: Any, settings: Any) -> None:
    settings.SIGNUP = "invite"
    invitation = invite()
    request = rf.get("/")
    request.session = {}
    assert [invitations.use(request, invitation) for _twice in range(2)] == [True, False]


@pytest.mark.parametrize("mode", ["invite", "open", "approval"])
def test_an_expired_or_altered_invitation_is_nothing(client: Client, settings: Any, mode: str) -> None:
    settings.SIGNUP = mode
    old = path_of(invitations.link(invite(expires=timezone.now() - timedelta(seconds=1))))
    good = path_of(invitations.link(invite()))
    for path in (
        old,
        good[:-2] + ("1/" if good[-2] == "0" else "0/"),
        "/invite/nonsense/",
        "/invite/" + "0" * 64 + "/",
        "/invite/" + "é" * 40 + "/",
    ):
        assert client.get(path).status_code == 404


def test_an_invitation_that_expires_while_its_holder_hesitates_is_over(client: Client, settings: Any) -> None:
    settings.SIGNUP = "invite"
    invitation = invite()
    client.get(path_of(invitations.link(invitation)))
    assert client.get(SIGNUP).status_code == 200
    Invitation.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert "made by the administrators" in client.post(SIGNUP, NEW).content.decode()
    assert not User.objects.exists()


def test_invitations_are_made_in_the_admin(client: Client, charlie: User, settings: Any) -> None:
    settings.SIGNUP = "invite"
    client.force_login(charlie)
    form = {"note": "For the choir", "most": "3", "expires_0": "2099-01-01", "expires_1": "00:00:00", "_continue": "1"}
    page = client.post("/admin/chat/invitation/add/", form, follow=True).content.decode()
    made = Invitation.objects.get()
    assert (made.created_by, made.most) == (charlie, 3)
    assert invitations.link(made) in page


@pytest.mark.parametrize(
    "name",
    ["ALICE", "аlice", "a1ice", "al\uff49ce", "Alice\u00a0", "x" * 41, "x" * 100_000, "alice@example.org", "a b", ""],
)
def test_names_that_look_like_others_or_are_no_names_are_refused(
    client: Client, alice: User, settings: Any, name: str
) -> None:
    settings.SIGNUP = "open"
    assert client.post(SIGNUP, NEW | {"username": name}).status_code == 200
    assert User.objects.count() == 1


def test_names_of_other_alphabets_are_welcome(client: Client, alice: User, settings: Any) -> None:
    settings.SIGNUP = "open"
    for name in ("анна", "Ζωή", "王小明", "rené"):
        assert Client().post(SIGNUP, NEW | {"username": name}).status_code == 302


def test_an_administrator_cannot_make_a_lookalike_either(client: Client, charlie: User, alice: User) -> None:
    client.force_login(charlie)
    form = {"username": "a1ice", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert "looks like one" in client.post("/admin/chat/user/add/", form).content.decode()


def test_whole_words_of_another_alphabet_look_alike() -> None:
    assert names.lookalike("сосо") == names.lookalike("coco")
    assert names.lookalike("Bob") != names.lookalike("bab")


# New passwords, and mail


def test_without_mail_an_administrator_makes_a_link_that_works_once(client: Client, charlie: User, alice: User) -> None:
    assert "Ask an administrator" in client.get("/accounts/password/reset/").content.decode()
    desk = Client()
    desk.force_login(charlie)
    page = desk.post("/admin/chat/user/", {"action": "make_link", "_selected_action": [alice.pk]}, follow=True)
    found = re.search(r"http://\S+/accounts/password/reset/key/[^\s<]+/", page.content.decode())
    assert found
    path = path_of(found[0])
    form = client.get(path, follow=True)
    place = form.redirect_chain[-1][0]
    client.post(place, {"password1": "new-ink-77", "password2": "new-ink-77"})
    assert sign_in(client, password="new-ink-77").status_code == 302
    again = Client().get(path, follow=True).content.decode()
    assert 'name="password1"' not in again


def test_only_an_administrator_with_all_rights_makes_such_links(charlie: User, alice: User, bob: User) -> None:
    bob.is_staff = True
    assert not passwords.may_make_link(bob, charlie)
    assert passwords.may_make_link(charlie, alice)


def test_staff_cannot_give_themselves_rights(client: Client, charlie: User, bob: User) -> None:
    from django.contrib.auth.models import Permission

    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(bob)
    fields = {"username": "bobby", "is_superuser": "on", "is_active": "on", **JOINED}
    client.post(f"/admin/chat/user/{bob.pk}/change/", fields)
    user = User.objects.get(pk=bob.pk)
    assert (user.username, user.is_superuser) == ("bobby", False)
    client.post(f"/admin/chat/user/{charlie.pk}/change/", {"username": "mallory", "is_active": "on", **JOINED})
    assert User.objects.get(pk=charlie.pk).username == "charlie"
    assert client.get(f"/admin/chat/user/{charlie.pk}/password/").status_code == 403


def test_staff_cannot_give_their_group_rights(client: Client, bob: User) -> None:
    from django.contrib.auth.models import Group, Permission

    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["change_group", "view_group"]))
    group = Group.objects.create(name="clerks")
    bob.groups.add(group)
    client.force_login(bob)
    right = Permission.objects.get(codename="view_conversation")
    inline = {f"limits-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    fields = {"name": "Clerks", "permissions": [right.pk], **inline}
    client.post(f"/admin/auth/group/{group.pk}/change/", fields)
    group.refresh_from_db()
    assert (group.name, group.permissions.count()) == ("Clerks", 0)
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    client.post(f"/admin/auth/group/{group.pk}/change/", fields)
    assert group.permissions.get() == right


def test_staff_cannot_become_somebody_by_a_password_or_an_address(client: Client, alice: User, bob: User) -> None:
    from django.contrib.auth.models import Permission

    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(bob)
    new = {"usable_password": "true", "password1": "new-ink-77", "password2": "new-ink-77"}
    assert client.post(f"/admin/chat/user/{alice.pk}/password/", new).status_code == 403
    page = f"/admin/chat/user/{alice.pk}/change/"
    assert client.get(page).status_code == 200
    client.post(page, {"username": "alicia", "email": "bob@example.org", **JOINED})
    user = User.objects.get(pk=alice.pk)
    assert (user.username, user.email) == ("alicia", alice.email)
    assert not user.check_password("new-ink-77")
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    assert client.post(f"/admin/chat/user/{alice.pk}/password/", new).status_code == 302
    assert User.objects.get(pk=alice.pk).check_password("new-ink-77")


@pytest.mark.parametrize("model", ["account/emailaddress", "socialaccount/socialaccount"])
def test_staff_cannot_become_somebody_by_another_way_to_sign_in(client: Client, bob: User, model: str) -> None:
    from django.contrib.auth.models import Permission

    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(content_type__app_label=model.partition("/")[0]))
    client.force_login(bob)
    assert [client.get(f"/admin/{model}/{page}").status_code for page in ("", "add/")] == [403, 403]
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    assert [client.get(f"/admin/{model}/{page}").status_code for page in ("", "add/")] == [200, 200]


@pytest.mark.usefixtures("mailing")
def test_with_mail_addresses_are_verified_before_anything(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    client.post(SIGNUP, NEW | {"email": "dora@example.org"})
    assert not is_in(client)
    link = re.search(r"http://\S+/accounts/confirm-email/\S+", mail.outbox[0].body)
    assert link
    assert link[0].startswith(settings.SITE_URL)
    client.post(path_of(link[0]))
    assert sign_in(Client(), "dora@example.org").status_code == 302


@pytest.mark.usefixtures("mailing")
def test_a_new_password_comes_by_mail(client: Client, alice: User, settings: Any) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    client.post("/accounts/password/reset/", {"email": "alice@example.org"}, HTTP_HOST="localhost")
    link = re.search(r"http://\S+/password/reset/key/\S+", mail.outbox[0].body)
    assert link
    assert link[0].startswith(settings.SITE_URL)
    place = client.get(path_of(link[0]), follow=True).redirect_chain[-1][0]
    client.post(place, {"password1": "new-ink-77", "password2": "new-ink-77"})
    assert sign_in(Client(), password="new-ink-77").status_code == 302


@pytest.mark.usefixtures("mailing")
def test_asking_for_a_new_password_or_account_tells_nobody_who_has_one(
    client: Client, alice: User, settings: Any
) -> None:
    settings.SIGNUP = "open"
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    answers = [
        client.post("/accounts/password/reset/", {"email": address})
        for address in ("alice@example.org", "x@example.org")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/accounts/password/reset/done/")}
    answers = [
        Client().post(SIGNUP, NEW | {"username": name, "email": address})
        for name, address in (("dora", "alice@example.org"), ("emil", "emil@example.org"))
    ]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert not User.objects.filter(username="dora").exists()
