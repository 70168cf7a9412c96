# What is being written, in a conversation and in a new one

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0005_own_data'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='draft',
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddField(
            model_name='conversation',
            name='draft_key',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='draft',
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddField(
            model_name='user',
            name='draft_key',
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
