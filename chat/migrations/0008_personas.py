# Who answers, and as whom

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0007_feedback'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='instructions',
            field=models.TextField(blank=True, max_length=8000, verbose_name='instructions'),
        ),
        migrations.AddField(
            model_name='conversation',
            name='provider',
            field=models.CharField(blank=True, max_length=40, verbose_name='provider'),
        ),
        migrations.CreateModel(
            name='Persona',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('text', models.TextField(max_length=8000, verbose_name='instructions')),
                ('owner', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='personas', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'persona',
                'verbose_name_plural': 'personas',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='conversation',
            name='persona',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='chat.persona', verbose_name='persona'),
        ),
    ]
