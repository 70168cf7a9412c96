"""Who talks, and what was said."""

import uuid
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models.lookups import GreaterThan
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.people import User


class Author(models.TextChoices):
    USER = "user", _("user")
    ASSISTANT = "assistant", _("assistant")


class State(models.TextChoices):
    """Where a message stands; a prompt is complete from the start, a reply wanders."""

    QUEUED = "queued", _("queued")
    STREAMING = "streaming", _("streaming")
    COMPLETE = "complete", _("complete")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("failed")
    INTERRUPTED = "interrupted", _("interrupted")


class Verdict(models.TextChoices):
    """What the owner thinks of an answer."""

    UP = "up", _("good")
    DOWN = "down", _("bad")


LIVE = (State.QUEUED, State.STREAMING)
UNFINISHED = (State.STOPPED, State.FAILED, State.INTERRUPTED)


def is_unfinished(state: str, text: str) -> bool:
    """Whether a reply in this state, with this text, has come to no end but somewhere."""
    return state in UNFINISHED and text != ""


class Shelf(models.TextChoices):
    """Where the owner keeps a conversation."""

    PINNED = "pinned", _("pinned")
    LIST = "list", _("in the list")
    ARCHIVE = "archive", _("archived")


class Persona(models.Model):
    """Instructions with a name: somebody's own, or, without an owner, made by administrators for everybody."""

    owner = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, editable=False, related_name="personas", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("instructions"), max_length=8000)

    class Meta:
        verbose_name = _("persona")
        verbose_name_plural = _("personas")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def for_user(self, user: User) -> Self:
        """The conversations this user may read and write: their own that they have not deleted."""
        return self.filter(owner=user, deleted=None)

    def with_marks(self) -> Self:
        """Adds `is_live` (a reply is queued or streaming) and `is_unread` (one has settled since the owner looked)."""
        live = Message.objects.live().filter(conversation=models.OuterRef("pk"))
        newest = Message.objects.filter(conversation=models.OuterRef("pk"), shown=True).order_by("-pk")
        settled = models.Subquery(newest.values("settled")[:1])
        return self.annotate(is_live=models.Exists(live), is_unread=GreaterThan(settled, models.F("looked")))


class Conversation(models.Model):
    """One thread of prompts and replies, owned by one user.

    `looked` is when the owner last looked at it; `deleted` is when they deleted it, until it is purged.
    `draft` is what stands in the composer, under the key that its message will have.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="conversations", verbose_name=_("owner"))
    title = models.CharField(_("title"), max_length=120)
    model = models.CharField(_("model"), max_length=120, blank=True)
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    persona = models.ForeignKey(Persona, models.SET_NULL, null=True, blank=True, verbose_name=_("persona"))
    instructions = models.TextField(_("instructions"), max_length=8000, blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now)
    updated = models.DateTimeField(_("updated"), default=timezone.now)
    shelf = models.CharField(_("shelf"), max_length=8, choices=Shelf, default=Shelf.LIST)
    looked = models.DateTimeField(default=timezone.now, editable=False)
    deleted = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    draft = models.TextField(blank=True, editable=False)
    draft_key = models.UUIDField(null=True, editable=False)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-updated", "-id"]
        indexes = [
            models.Index(
                fields=["owner", "shelf", "-updated", "-id"],
                condition=models.Q(deleted=None),
                name="conversation_listed",
            ),
            models.Index(fields=["deleted"], condition=models.Q(deleted__isnull=False), name="conversation_deleted"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conversation", args=[self.pk])


class Versions(NamedTuple):
    """Where a message stands among its brothers: edited prompts, repeated answers; neighbours by primary key."""

    position: int
    total: int
    previous: int | None
    next: int | None


class MessageQuerySet(models.QuerySet["Message"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE)

    def shown(self) -> Self:
        """The messages on the branch that the page shows, oldest first."""
        return self.filter(shown=True).order_by("pk")


class Message(models.Model):
    """A prompt or a reply.

    `key` is the page's own name for the message: a repeated prompt is recognised by it, and the DOM id is made of it.
    `rev` grows by one with every committed change that a page should see.
    `lease` is the token of the process that runs the reply; every write of that process is guarded by it.
    `html` holds the rendered blocks of a settled reply, made by renderer `html_version`.
    """

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="messages", verbose_name=_("conversation")
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("answers or follows")
    )
    key = models.UUIDField(_("key"), default=uuid.uuid4)
    author = models.CharField(_("author"), max_length=10, choices=Author)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.COMPLETE)
    shown = models.BooleanField(_("on the branch shown"), default=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True, editable=False)
    html_version = models.PositiveSmallIntegerField(default=0, editable=False)
    rev = models.PositiveIntegerField(default=1, editable=False)
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    error = models.CharField(_("error"), max_length=40, blank=True)
    retry_at = models.DateTimeField(_("worth trying again at"), null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    verdict = models.CharField(_("verdict"), max_length=4, choices=Verdict, blank=True)
    comment = models.CharField(_("comment"), max_length=1000, blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now)
    settled = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    versions: Versions | None = None  # set by chat.messages.versions
    is_followed = False  # whether a shown message stands below it; set by chat.messages.versions
    allowance: Any = None  # what this reply, just begun, leaves of the owner's day; set by those who spend

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "key"], name="message_key_once"),
            models.UniqueConstraint(fields=["conversation"], condition=models.Q(state__in=LIVE), name="one_live_reply"),
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], condition=models.Q(shown=True), name="message_shown"),
            models.Index(fields=["lease"], condition=models.Q(state__in=LIVE), name="message_leased"),
            models.Index(fields=["conversation", "verdict"], condition=~models.Q(verdict=""), name="message_judged"),
        ]

    def __str__(self) -> str:
        return f"{self.get_author_display()} {self.pk}"

    @property
    def dom_id(self) -> str:
        return f"m-{self.key}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def may_continue(self) -> bool:
        """Whether a reply can go on from the text it has: it is unfinished, and nothing builds on it yet."""
        return is_unfinished(self.state, self.text) and not self.is_followed
