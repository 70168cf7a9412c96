# What readers think of answers

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0006_drafts'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='comment',
            field=models.CharField(blank=True, max_length=1000, verbose_name='comment'),
        ),
        migrations.AddField(
            model_name='message',
            name='verdict',
            field=models.CharField(blank=True, choices=[('up', 'good'), ('down', 'bad')], max_length=4, verbose_name='verdict'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('verdict', ''), _negated=True), fields=['conversation', 'verdict'], name='message_judged'),
        ),
    ]
