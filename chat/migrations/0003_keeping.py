# Shelves, a last look, and deletion that can be undone

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0002_accounts'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='conversation',
            name='conversation_newest',
        ),
        migrations.AddField(
            model_name='conversation',
            name='deleted',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted'),
        ),
        migrations.AddField(
            model_name='conversation',
            name='looked',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name='conversation',
            name='shelf',
            field=models.CharField(choices=[('pinned', 'pinned'), ('list', 'in the list'), ('archive', 'archived')], default='list', max_length=8, verbose_name='shelf'),
        ),
        migrations.AddIndex(
            model_name='conversation',
            index=models.Index(condition=models.Q(('deleted', None)), fields=['owner', 'shelf', '-updated', '-id'], name='conversation_listed'),
        ),
        migrations.AddIndex(
            model_name='conversation',
            index=models.Index(condition=models.Q(('deleted__isnull', False)), fields=['deleted'], name='conversation_deleted'),
        ),
    ]
