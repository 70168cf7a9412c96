"""A ready-made group of those who may read conversations in the administration."""

from django.db import migrations


def add_group(apps, schema_editor):
    """The permission may be newer than this migration: then Django would make it only after all migrations."""
    groups = apps.get_model("auth", "Group").objects
    if groups.filter(name="Reviewers").exists():
        return
    of_conversations, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="chat", model="conversation"
    )
    permission, _made = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=of_conversations, codename="view_conversation", defaults={"name": "Can view conversation"}
    )
    groups.create(name="Reviewers").permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0009_room_to_grow"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(add_group, migrations.RunPython.noop)]
