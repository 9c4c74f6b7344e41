import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Sum


def tell_apart(apps, schema_editor):
    """Make each file that is there a document of its own, and count what organisations keep."""
    files = apps.get_model("foundation", "StoredFile").objects
    files.update(family=F("id"))
    uploads = files.filter(generated=False).exclude(organisation_id=None)
    use = apps.get_model("foundation", "StorageUse")
    use.objects.bulk_create(
        use(**row) for row in uploads.order_by().values("organisation_id").annotate(used=Sum("size"))
    )


class Migration(migrations.Migration):

    dependencies = [
        ('foundation', '0016_editing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StorageUse',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('organisation_id', models.UUIDField(unique=True, verbose_name='organisation')),
                ('used', models.PositiveBigIntegerField(default=0, verbose_name='bytes in use')),
                ('quota', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='bytes allowed')),
            ],
            options={
                'verbose_name': 'storage in use',
                'verbose_name_plural': 'storage in use',
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('organisation_id', models.UUIDField(null=True)),
                ('key', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=255)),
                ('size', models.PositiveBigIntegerField()),
                ('received', models.PositiveBigIntegerField(default=0)),
                ('state', models.CharField(choices=[('receiving', 'On its way'), ('received', 'Received'), ('used', 'Used')], default='receiving', max_length=16)),
                ('content_type', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'verbose_name': 'upload',
                'verbose_name_plural': 'uploads',
            },
        ),
        migrations.AddField(
            model_name='storedfile',
            name='description',
            field=models.CharField(blank=True, max_length=300, verbose_name='description'),
        ),
        migrations.AddField(
            model_name='storedfile',
            name='ended_at',
            field=models.DateTimeField(null=True, verbose_name='taken out of use'),
        ),
        migrations.AddField(
            model_name='storedfile',
            name='family',
            field=models.UUIDField(default=uuid.uuid4, verbose_name='document'),
        ),
        migrations.AddField(
            model_name='storedfile',
            name='is_current',
            field=models.BooleanField(default=True, verbose_name='current version'),
        ),
        migrations.AddField(
            model_name='storedfile',
            name='scan',
            field=models.CharField(choices=[('not_scanned', 'Not scanned for viruses'), ('checking', 'Being checked for viruses'), ('clean', 'No virus found'), ('infected', 'Infected, kept away')], default='not_scanned', max_length=16, verbose_name='virus scan'),
        ),
        migrations.AddField(
            model_name='storedfile',
            name='version',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='version'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='content_type',
            field=models.CharField(max_length=100, verbose_name='type'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='generated',
            field=models.BooleanField(default=False, verbose_name='made by the portal'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='name',
            field=models.CharField(max_length=200, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='organisation_id',
            field=models.UUIDField(db_index=True, null=True, verbose_name='organisation'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='sha256',
            field=models.CharField(blank=True, db_index=True, max_length=64, verbose_name='SHA-256'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='size',
            field=models.PositiveBigIntegerField(default=0, verbose_name='size'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='state',
            field=models.CharField(choices=[('pending', 'Being stored'), ('stored', 'Stored')], default='pending', max_length=16, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='uploaded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by'),
        ),
        migrations.RunPython(tell_apart, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='storedfile',
            index=models.Index(fields=['organisation_id', '-created_at'], name='file_of_organisation'),
        ),
        migrations.AddConstraint(
            model_name='storedfile',
            constraint=models.UniqueConstraint(fields=('family', 'version'), name='file_version_once'),
        ),
        migrations.AddConstraint(
            model_name='storedfile',
            constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('family',), name='file_current_once'),
        ),
        migrations.AddField(
            model_name='upload',
            name='stored',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.storedfile'),
        ),
        migrations.AddField(
            model_name='upload',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.UniqueConstraint(fields=('user', 'key'), name='upload_once'),
        ),
    ]
