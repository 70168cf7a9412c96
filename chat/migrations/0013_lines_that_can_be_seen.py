"""Titles and names that were stored before: without what nobody can see, as new ones are."""

from django.db import migrations

from chat import lines

AT_ONCE = 500
LINES = [("Conversation", "title", "Untitled"), ("Persona", "name", "Untitled")]
NAMES = [("User", "first_name", ""), ("User", "last_name", "")]


def mend(apps, schema_editor):
    for name, field, instead in LINES + NAMES:
        rows = apps.get_model("chat", name)._base_manager
        changed = []
        for row in rows.exclude(**{field: ""}).only("pk", field).iterator(AT_ONCE):
            line = lines.shown(getattr(row, field)) or instead
            if line != getattr(row, field):
                setattr(row, field, line)
                changed.append(row)
        rows.bulk_update(changed, [field], AT_ONCE)


class Migration(migrations.Migration):

    dependencies = [
        ("chat", "0012_legal_hold"),
    ]

    operations = [
        migrations.RunPython(mend, migrations.RunPython.noop),
    ]
