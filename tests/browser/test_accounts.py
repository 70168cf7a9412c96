"""A guest's whole way: invited, in with a passkey, at a limit, and out again with everything, in a real browser."""

import re
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.stand.site import NAME, PASSWORD, Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that people come to by invitation, and where two messages a day are allowed."""
    home = tmp_path_factory.mktemp("invited")
    with Site(home, pace=1, SIGNUP="invite", CHAT_DAILY_MESSAGES="2") as site:
        yield site


def address(site: Site) -> str:
    """By name, as passkeys belong to names and not to numbers."""
    return site.webs[0].url.replace("127.0.0.1", "localhost")


@pytest_asyncio.fixture(loop_scope="session")
async def guest(chromium: Browser, site: Site) -> AsyncIterator[Page]:
    """A browser with a passkey device that answers by itself; no page may break the policy or a script."""
    context = await chromium.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
    page = await context.new_page()
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    page.on("console", lambda message: troubles.append(message.text) if "Content Security" in message.text else None)
    devices = await context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    await devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield page
    await context.close()
    assert not troubles


async def sign_in(page: Page, site: Site, name: str = NAME) -> None:
    await page.goto(f"{address(site)}/accounts/login/")
    await page.get_by_label("Username").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(f"{address(site)}/")


async def sign_out(page: Page, site: Site) -> None:
    await page.goto(f"{address(site)}/accounts/logout/")
    await page.get_by_role("button", name="Sign Out").click()
    await page.wait_for_url(re.compile("/accounts/login/"))


async def is_accessible(page: Page) -> None:
    found = (await Axe().run(page)).response["violations"]
    assert not [(item["id"], [node["target"] for node in item["nodes"]]) for item in found], page.url


async def ask(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.get_by_role("button", name="Send").click()


async def test_invited_in_by_passkey_at_a_limit_and_out_with_everything(
    guest: Page, chromium: Browser, site: Site, tmp_path: Path
) -> None:
    # The administrator makes an invitation.
    desk = await (await chromium.new_context()).new_page()
    await sign_in(desk, site)
    await desk.goto(f"{address(site)}/admin/chat/invitation/add/")
    await desk.get_by_label("Note").fill("For Dora")
    await desk.get_by_role("button", name="Save and continue editing").click()
    link = await desk.get_by_text(re.compile("/invite/")).inner_text()

    # The guest follows the link and makes an account.
    await guest.goto(link.strip().replace("127.0.0.1", "localhost"))
    await is_accessible(guest)
    await guest.get_by_label("Username").fill("dora")
    await guest.locator("[name=password1]").fill(PASSWORD)
    await guest.locator("[name=password2]").fill(PASSWORD)
    await guest.get_by_role("button", name="Create account").click()
    await guest.wait_for_url(f"{address(site)}/")

    # They add a passkey, and sign in with it.
    await guest.goto(f"{address(site)}/accounts/2fa/webauthn/add/")
    if "reauthenticate" in guest.url:
        await guest.get_by_label("Password").fill(PASSWORD)
        await guest.get_by_role("button", name="Confirm").click()
    await guest.get_by_label(re.compile("passwordless", re.IGNORECASE)).check()
    await is_accessible(guest)
    await guest.get_by_role("button", name="Add", exact=True).click()
    await guest.wait_for_url(re.compile(r"/accounts/2fa/(recovery-codes|webauthn/$|$)"))
    await is_accessible(guest)
    await sign_out(guest, site)
    await is_accessible(guest)
    await guest.get_by_role("button", name="Sign in with a passkey").click()
    await guest.wait_for_url(f"{address(site)}/")

    # They run into their limit and understand it.
    await ask(guest, "Hello")
    await guest.wait_for_url(re.compile("/c/"))
    await expect(guest.locator('article[data-author="assistant"]')).to_have_attribute("data-state", "complete")
    await expect(guest.locator("#allowance")).to_contain_text("1 of 2 messages left")
    await ask(guest, "Once more")
    await expect(guest.locator("#allowance")).to_contain_text("0 of 2 messages left")
    await expect(guest.locator('article[data-author="assistant"][data-state="complete"]')).to_have_count(2)
    await ask(guest, "One too many")
    await expect(guest.get_by_role("alert")).to_contain_text("2 messages in 24 hours")
    await expect(guest.get_by_role("alert")).to_contain_text("hours")
    await expect(guest.get_by_role("textbox", name="Message")).to_have_value("One too many")

    # They take everything along.
    await guest.goto(f"{address(site)}/settings/")
    await is_accessible(guest)
    async with guest.expect_download() as download:
        await guest.get_by_role("link", name="Export everything").click()
    await (await download.value).save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert len(archive.namelist()) == 3
        assert b"Once more" in archive.read(archive.namelist()[1])

    # They delete the account, and get a receipt.
    await guest.goto(f"{address(site)}/settings/delete/")
    if "reauthenticate" in guest.url:
        await (
            guest.get_by_role("link", name=re.compile("password", re.IGNORECASE))
            .or_(guest.get_by_label("Password"))
            .first.wait_for()
        )
        if "webauthn" in guest.url or "2fa" in guest.url:
            await guest.goto(f"{address(site)}/accounts/reauthenticate/")
        await guest.get_by_label("Password").fill(PASSWORD)
        await guest.get_by_role("button", name="Confirm").click()
        await guest.goto(f"{address(site)}/settings/delete/")
    await is_accessible(guest)
    await guest.get_by_label(re.compile("Type the name")).fill("dora")
    await guest.get_by_role("button", name="Delete my account").click()
    await expect(guest.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    await is_accessible(guest)
    await guest.goto(f"{address(site)}/accounts/login/")
    await guest.get_by_role("button", name="Sign in with a passkey").click()
    await expect(guest.get_by_role("alert").or_(guest.locator(".told"))).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_accounts_are_accessible(chromium: Browser, site: Site, scheme: str) -> None:
    context = await chromium.new_context(color_scheme=scheme)
    page = await context.new_page()
    for path in ("login/", "signup/", "inactive/", "waiting/", "password/reset/"):
        await page.goto(f"{address(site)}/accounts/{path}")
        await is_accessible(page)
    await sign_in(page, site)
    await page.goto(f"{address(site)}/accounts/2fa/totp/activate/")
    await is_accessible(page)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("img", name="QR")).to_be_visible()
    await is_accessible(page)
    for path in ("accounts/2fa/", "accounts/sessions/", "accounts/password/change/", "settings/", "accounts/logout/"):
        await page.goto(f"{address(site)}/{path}")
        await is_accessible(page)
    await context.close()
