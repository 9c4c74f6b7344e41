import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="due_from",
            field=models.CharField(
                blank=True,
                db_default="",
                choices=[
                    ("shown", "The day it was shown"),
                    ("plan", "The day promised in the accepted plan"),
                    ("accepted", "The acceptance of the plan"),
                    ("rejected", "The rejection of an answer"),
                    ("escalated", "The day it became a major nonconformity"),
                    ("stage_2", "The last day of stage 2"),
                ],
                max_length=12,
                verbose_name="limit counted from",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="due_since",
            field=models.DateField(null=True, verbose_name="limit counted since"),
        ),
        migrations.AddField(
            model_name="finding",
            name="judge",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="named to judge the answers",
            ),
        ),
    ]
