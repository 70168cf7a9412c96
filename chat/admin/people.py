"""The administrators' pages for people: who waits, one-time links, invitations, groups."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.admin import SocialAccountAdmin
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat.accounts import approvals, erasure, invitations, passwords
from chat.admin import audit, base
from chat.limits import standing
from chat.models import Invitation, Limits, Receipt, User
from chat.refusals import Refused

if TYPE_CHECKING:
    PeopleModelAdmin = UserAdmin[User]
    LimitsInline = admin.TabularInline[Limits, User]
else:
    LimitsInline = admin.TabularInline
    PeopleModelAdmin = UserAdmin

WEEK = timedelta(days=7)


class GroupLimits(LimitsInline):
    model = Limits
    fk_name = "group"
    fields = (*standing.SETTINGS, "only_models")
    extra = 1


class UserLimits(GroupLimits):
    fk_name = "user"


class PeopleAdmin(base.Admin[User], PeopleModelAdmin):
    lines = ("first_name", "last_name")
    list_display = ("username", "email", "is_active", "is_waiting", "is_staff", "last_login")
    list_filter = ("is_waiting", "is_active", "is_staff", "is_superuser", "groups")
    ordering = ("-is_waiting", "username")
    show_full_result_count = False
    actions = ("let_in", "make_link")
    inlines = (UserLimits,)
    fieldsets = (*(UserAdmin.fieldsets or ()), (_("Legal hold"), {"fields": ("on_hold",)}))

    @admin.action(description=_("Let in those who wait"), permissions=["change"])
    def let_in(self, request: HttpRequest, users: QuerySet[User]) -> None:
        waiting = list(users.filter(is_waiting=True))
        count = approvals.let_in(waiting)
        for user in waiting:
            audit.note(request, user, audit.LET_IN)
        words = ngettext("%(count)d person may sign in now.", "%(count)d people may sign in now.", count)
        self.message_user(request, words % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Make a one-time link to a new password"), permissions=["change"])
    def make_link(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users[:20]:
            if isinstance(request.user, User) and passwords.may_make_link(request.user, user):
                audit.note(request, user, audit.MADE_LINK)
                words = gettext("Give this link to %(name)s only; it works once, for a day: %(link)s")
                self.message_user(request, words % {"name": user.username, "link": passwords.link(user)})
            else:
                words = gettext("Only an administrator with all rights may do this, and only for an active account: %s")
                self.message_user(request, words % user.username, messages.ERROR)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.on_hold)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What the page before a deletion tells: how much goes, not what it is called."""
        counts: Counter[str] = Counter()
        for user in objs:
            counts.update(erasure.rows_of(user.pk))
        return [str(user) for user in objs], {kind: count for kind, count in counts.items() if count}, set(), []

    def delete_model(self, request: HttpRequest, user: User) -> None:
        """As when people delete their account themselves: everything, with a receipt."""
        try:
            receipt = erasure.account(user)
        except Refused as refused:
            self.message_user(request, refused.text, messages.ERROR)
        else:
            words = gettext("Receipt %(receipt)s: everything of this account is deleted.")
            self.message_user(request, words % {"receipt": receipt.pk})

    def delete_queryset(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            self.delete_model(request, user)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever may change people may not thereby become one with more rights."""
        may = super().has_change_permission(request, obj)
        return may and not (obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", False))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Rights are given by those who have all of them; so are addresses, to which new passwords go.

        A hold keeps what its owner deletes, and shows it to administrators: who may change people may not do that yet.
        """
        fixed = tuple(super().get_readonly_fields(request, obj))
        if not getattr(request.user, "is_superuser", False):
            fixed += ("is_superuser", "is_staff", "user_permissions", "groups", "email")
        return fixed if request.user.has_perm("chat.hold_user") else (*fixed, "on_hold")

    def save_model(self, request: HttpRequest, user: User, form: Any, change: bool) -> None:
        super().save_model(request, user, form, change)
        if "on_hold" in form.changed_data:
            audit.note(request, user, audit.HELD if user.on_hold else audit.LIFTED)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Whoever gives somebody a password becomes them, as with a one-time link."""
        if not getattr(request.user, "is_superuser", False):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)


class InvitationAdmin(base.Admin[Invitation]):
    lines = ("note",)
    list_display = ("__str__", "group", "most", "used", "expires", "created_by")
    list_select_related = ("group", "created_by")
    fields = ("note", "group", "most", "expires", "used", "created_by", "link")
    readonly_fields = ("used", "created_by", "link")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"expires": timezone.now() + WEEK, **super().get_changeform_initial_data(request)}

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        """Who may only look gets no way in."""
        may = self.has_add_permission(request) or self.has_change_permission(request, obj)
        return [field for field in super().get_fields(request, obj) if may or field != "link"]

    @admin.display(description=_("link"))
    def link(self, invitation: Invitation) -> str:
        return invitations.link(invitation) if invitation.created_by_id else gettext("It appears here once saved.")

    def save_model(self, request: HttpRequest, invitation: Invitation, form: Any, change: bool) -> None:
        if not change and isinstance(request.user, User):
            invitation.created_by = request.user
        super().save_model(request, invitation, form, change)
        if not invitations.are_open():
            words = gettext("SIGNUP is closed, so nobody can use invitations; set SIGNUP=invite.")
            self.message_user(request, words, messages.WARNING)


class ReceiptAdmin(base.Admin[Receipt]):
    """To look at, as the proof that they are."""

    list_display = ("id", "at", "digest")
    search_fields = ("id", "digest")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Receipt | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Receipt | None = None) -> bool:
        return False


class GroupsAdmin(base.Admin[Group], GroupAdmin):
    lines = ("name",)
    inlines = (GroupLimits,)

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        """Whoever is in a group has its rights, so these, too, are given by those who have all of them."""
        return () if getattr(request.user, "is_superuser", False) else ("permissions",)


class ForAllRights:
    """For those who have all rights: whoever adds a way to sign in to an account can become its owner."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    has_change_permission = has_delete_permission = has_view_permission


class AddressesAdmin(ForAllRights, base.Admin[EmailAddress], EmailAddressAdmin):
    """The addresses that people have proved to be theirs."""


class SignOnAdmin(ForAllRights, base.Admin[SocialAccount], SocialAccountAdmin):
    """Who somebody is to a provider of single sign-on."""


def register(site: admin.AdminSite) -> None:
    """Lets people and invitations in, and takes away what only settings decide or nobody should look at."""
    for model in (SocialApp, SocialToken, Authenticator, UserSession, EmailAddress, SocialAccount, Group):
        site.unregister(model)
    site.register(EmailAddress, AddressesAdmin)
    site.register(SocialAccount, SignOnAdmin)
    site.register(Group, GroupsAdmin)
    site.register(User, PeopleAdmin)
    site.register(Invitation, InvitationAdmin)
    site.register(Receipt, ReceiptAdmin)
