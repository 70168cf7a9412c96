"""The administrators' door: people, and conversations as read-only transcripts."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncYear
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from chat import write_ahead_log
from chat.admin import audit, base, people
from chat.messages import fragments
from chat.models import Conversation, Message, Persona, State, Verdict

MESSAGES_PER_PAGE = 100

admin.site.site_header = admin.site.site_title = "MagickPen Chat"
admin.site.index_title = _("Administration")
people.register(admin.site)


class StateFilter(admin.SimpleListFilter):
    """By where the last reply stands."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, state.label) for state in State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        return queryset.filter(Q(("last_state", self.value()))) if self.value() else queryset


class VerdictFilter(admin.SimpleListFilter):
    """By what the owner thinks of an answer."""

    title = _("verdict")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*((verdict.value, verdict.label) for verdict in Verdict), ("said", _("with a comment"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        if not self.value():
            return queryset
        judged = Message.objects.filter(conversation=OuterRef("pk")).exclude(verdict="")
        wanted = judged.exclude(comment="") if self.value() == "said" else judged.filter(verdict=self.value())
        return queryset.filter(Exists(wanted))


@admin.register(Conversation)
class ConversationAdmin(base.Admin[Conversation]):
    """Finds a conversation and shows it as its owner saw it; nothing can be changed, and every reading is recorded.

    What the owner has deleted is gone for administrators, too, unless a legal hold keeps it.
    """

    list_display = ("title", "owner", "model", "last_state", "updated", "deleted")
    list_display_links = ("title", "updated")
    list_select_related = ("owner",)
    list_filter = (StateFilter, VerdictFilter, "updated", "model")
    search_fields = ("title", "owner__username")
    search_help_text = _("Searches titles, owners and the text of messages. Every search is recorded.")
    date_hierarchy = "updated"
    ordering = ("-updated",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        last = Message.objects.filter(conversation=OuterRef("pk"), shown=True).order_by("-pk")
        there = super().get_queryset(request).filter(Q(deleted=None) | Q(owner__on_hold=True))
        return there.annotate(last_state=Subquery(last.values("state")[:1]))

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """With a trail of what was searched for, as that asks what people have written.

        Without the line of dates where the database does not know the reader's zone, as it makes that line.
        """
        changes = super().get_changelist_instance(request)
        asked = {SEARCH_VAR: [changes.query]} if changes.query else {}
        if asked := {**asked, **changes.get_filters_params()}:
            audit.searching(request, Conversation, asked, changes.result_count)
        try:
            with transaction.atomic():
                Conversation.objects.values(year=TruncYear("updated")).first()
        except DatabaseError:
            changes.date_hierarchy = None
        return changes

    @admin.display(description=_("state"), ordering="last_state")
    def last_state(self, conversation: Conversation) -> Any:
        state = getattr(conversation, "last_state", None)
        return State(state).label if state else "-"

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Addresses are for those who may see people."""
        may_see_people = any(map(request.user.has_perm, ("chat.view_user", "chat.change_user")))
        return (*self.search_fields, "owner__email") if may_see_people else self.search_fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        """Finds the text of what a transcript shows, too."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if words := search_term.strip()[: base.MOST_SEARCH_CHARS]:
            said = Message.objects.filter(conversation=OuterRef("pk"), shown=True, text__icontains=words)
            found = found | queryset.filter(Exists(said))
        return found, may_repeat

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        """Nothing is removed under a legal hold."""
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.owner.on_hold)

    def delete_model(self, request: HttpRequest, conversation: Conversation) -> None:
        super().delete_model(request, conversation)
        transaction.on_commit(write_ahead_log.empty)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        super().delete_queryset(request, queryset.filter(owner__on_hold=False))
        transaction.on_commit(write_ahead_log.empty)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Conversation]) -> list[LogEntry]:
        return audit.deleting(request, queryset)

    def has_change_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The transcript."""
        conversation = self.get_object(request, object_id)
        if conversation is None:
            raise Http404
        if not self.has_view_permission(request, conversation):
            raise PermissionDenied
        audit.reading(request, conversation)
        page = Paginator(conversation.messages.shown(), MESSAGES_PER_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": conversation.title,
            "opts": self.opts,
            "conversation": conversation,
            "page": page,
            "messages_shown": [fragments.Shown(message, can_act=False) for message in page],
            "has_delete_permission": self.has_delete_permission(request, conversation),
        }
        return TemplateResponse(request, "admin/chat/conversation/transcript.html", context)


@admin.register(Persona)
class PersonaAdmin(base.Admin[Persona]):
    """Shared personas; what people keep for themselves is theirs."""

    list_display = ("name",)
    search_fields = ("name",)
    lines = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Persona]:
        return super().get_queryset(request).filter(owner=None)
