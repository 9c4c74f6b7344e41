"""Form fields for files: newly sent, sent in pieces before, or chosen from one's own files.

The content is judged while the form is checked, so that the message stands at the field. A field
knows its person once the form was told (``PortalForm.offer_files``); without that it takes new
uploads alone.
"""

from dataclasses import dataclass, field

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from foundation import quota, uploads
from foundation.examination import DOCUMENTS, IMAGES, PAPERS, examine
from foundation.formatting import day, size
from foundation.models import StoredFile

OFFERED = 100
_HINTS = {
    DOCUMENTS: _("PDF, PNG, JPEG, DOCX or XLSX, {most} MB at most."),
    PAPERS: _("PDF, PNG or JPEG, {most} MB at most."),
    IMAGES: _("PNG or JPEG, {most} MB at most."),
}


@dataclass
class Given:
    """What came with a form for one field: uploads, and the keys of what is here already."""

    new: list = field(default_factory=list)
    ready: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)


class FileInput(forms.ClearableFileInput):
    template_name = "django/forms/widgets/file.html"

    def __init__(self, attrs=None, *, many=False):
        self.allow_multiple_selected = many
        super().__init__(attrs)

    def value_from_datadict(self, data, files, name):
        """Return everything given for the field, or None."""
        lists = [data.getlist(f"{name}-{part}") if hasattr(data, "getlist") else []
                 for part in ("ready", "stored")]  # fmt: skip
        new = files.getlist(name) if hasattr(files, "getlist") else [files.get(name)]
        ready, stored = ([key for key in keys if key] for keys in lists)
        given = Given([one for one in new if one], ready, stored)
        return given if given.new or given.ready or given.stored else None

    def value_omitted_from_data(self, data, files, name):
        return self.value_from_datadict(data, files, name) is None


class FileField(forms.FileField):
    """One file, cleaned to an upload that was judged, or to a stored file of one's own.

    ``is_large`` takes as much as the portal takes at all, ``limit`` is another most, in bytes.
    ``from_vault`` offers the files that the organisation has already.
    """

    default_error_messages = {
        "empty": _("The file is empty."),
        "strange": uploads.GONE,
        "both": _("Choose a new file or one of your files, not both."),
    }
    many = False

    def __init__(self, *, accept=DOCUMENTS, is_large=False, limit=0, from_vault=True, **kwargs):
        self.accept, self.from_vault = accept, from_vault
        usual = settings.LARGE_FILE_LIMIT if is_large else settings.FILE_LIMIT
        self.limit = limit or usual
        self.actor, self.kept, self.chosen = None, [], []
        hint = format_lazy(_HINTS[accept], most=self.limit // 1024**2)
        super().__init__(**{"help_text": hint, "widget": FileInput(many=self.many)} | kwargs)
        self.widget.attrs["accept"] = ",".join(accept)

    def offer(self, actor) -> None:
        """Let the field know who chooses: files of one's own can be used again."""
        self.actor = actor

    def offered(self) -> list[tuple[str, str]]:
        """Return the files on offer with what is said of them, newest first."""
        if self.actor is None or not self.from_vault:
            return []
        rows = StoredFile.objects.on_offer(self.actor).filter(content_type__in=self.accept)
        return [(str(row.pk), described(row)) for row in rows[:OFFERED]]

    def clean(self, data, initial=None):
        taken = self.take(data)
        if len(taken) > 1:
            raise ValidationError(self.error_messages["both"], code="both")
        return taken[0] if taken else None

    def take(self, data) -> list:
        """Return what was given, each judged. Raises ValidationError with every refusal."""
        given = data or Given()
        self.kept, self.chosen = [], given.stored
        # A new file takes the place of the one that was kept, where there is one place.
        ready = [] if given.new and not self.many else self._ready(given.ready)
        taken: list = self._stored(given.stored)
        refusals: list = []
        for upload in (*given.new, *ready):
            if isinstance(upload, StoredFile):
                taken.append(upload)
                continue
            try:
                upload.verdict = examine(upload, self.accept, self.limit)
            except uploads.UsedError as used:
                taken.append(used.file)
            except ValidationError as refusal:
                named = self.many and [f"{upload.name}: {text}" for text in refusal.messages]
                refusals += named or refusal.error_list
            else:
                taken.append(upload)
                if isinstance(upload, uploads.Received):
                    self.kept.append(upload.row)
        if refusals:
            raise ValidationError(refusals)
        if self.actor is not None and taken:
            new = sum(one.size for one in taken if not isinstance(one, StoredFile))
            quota.check_room(self.actor.organisation_id, new)
        if self.required and not taken:
            raise ValidationError(self.error_messages["required"], code="required")
        return taken

    def hold(self, taken) -> None:
        """Keep new uploads until the form comes back without faults."""
        for upload in taken if isinstance(taken, list) else [taken]:
            if upload and not isinstance(upload, StoredFile | uploads.Received):
                self.kept.append(uploads.hold(upload, actor=self.actor))

    def _ready(self, keys) -> list:
        if not keys or self.actor is None:
            return []
        rows = uploads.ready(keys, self.actor)
        if len(rows) != len(set(keys)):
            raise ValidationError(self.error_messages["strange"], code="strange")
        return rows

    def _stored(self, keys) -> list:
        if not keys:
            return []
        if self.actor is None or not self.from_vault:
            raise ValidationError(self.error_messages["strange"], code="strange")
        offered = StoredFile.objects.on_offer(self.actor).filter(content_type__in=self.accept)
        try:
            rows = list(offered.filter(pk__in=keys))
        except (ValueError, ValidationError):
            rows = []
        if len(rows) != len(set(keys)):
            raise ValidationError(self.error_messages["strange"], code="strange")
        return rows


class FilesField(FileField):
    """Several files at once; cleaned to a list."""

    many = True

    def __init__(self, *, most: int = 10, **kwargs):
        self.most = most
        super().__init__(**kwargs)

    def clean(self, data, initial=None):
        count = len(data.new) + len(data.ready) + len(data.stored) if data else 0
        if count > self.most:
            raise ValidationError(_("Choose %(most)s files at most.") % {"most": self.most})
        return self.take(data)


def described(file: StoredFile) -> str:
    """Return how a choice names a file: name, version, day, size."""
    parts = [file.name, day(file.created_at), size(file.size)]
    if file.version > 1:
        parts.insert(1, str(_("version %(n)s") % {"n": file.version}))
    if file.description:
        parts.append(file.description)
    return " · ".join(parts)
