import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from chat import names


def fill(apps, schema_editor):
    """Give each name its look-alike form; where two look alike, the older account keeps it."""
    User = apps.get_model("chat", "User")
    taken = set()
    for user in User.objects.order_by("pk").only("pk", "username").iterator():
        form = names.lookalike(user.username)
        if form not in taken:
            taken.add(form)
            User.objects.filter(pk=user.pk).update(lookalike=form)


class Migration(migrations.Migration):
    dependencies = [("auth", "0012_alter_user_first_name_max_length"), ("chat", "0001_initial")]

    operations = [
        migrations.AddField(
            "user",
            "is_waiting",
            models.BooleanField(
                default=False,
                help_text="Signed up, and waits for an administrator to let them in.",
                verbose_name="waiting",
            ),
        ),
        migrations.AddField(
            "user", "lookalike", models.CharField(editable=False, max_length=150, null=True, unique=True)
        ),
        migrations.CreateModel(
            "Invitation",
            [
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="For administrators only.", max_length=120, verbose_name="note"
                    ),
                ),
                (
                    "most",
                    models.PositiveIntegerField(
                        default=1, help_text="How many people may use the link.", verbose_name="people"
                    ),
                ),
                ("used", models.PositiveIntegerField(default=0, editable=False, verbose_name="used")),
                ("expires", models.DateTimeField(verbose_name="expires")),
                (
                    "created",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="invitations_made",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
            ],
            options={"verbose_name": "invitation", "verbose_name_plural": "invitations", "ordering": ["-created"]},
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
