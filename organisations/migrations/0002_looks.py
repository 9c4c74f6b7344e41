from django.db import migrations, models

from organisations.lookalikes import skeleton


def look(apps, schema_editor):
    """Write for the names that are there what they look like."""
    organisations = apps.get_model("organisations", "Organisation").objects
    for row in organisations.only("name_zh", "name_en").iterator():
        organisations.filter(pk=row.pk).update(
            look_zh=skeleton(row.name_zh), look_en=skeleton(row.name_en)
        )


class Migration(migrations.Migration):

    dependencies = [
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="look_zh",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=400),
        ),
        migrations.AddField(
            model_name="organisation",
            name="look_en",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=400),
        ),
        migrations.RunPython(look, migrations.RunPython.noop, elidable=True),
    ]
