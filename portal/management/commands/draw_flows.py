from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.flow_pages import page

PAGE = Path(settings.BASE_DIR) / "docs" / "flows.md"


class Command(BaseCommand):
    help = "Draw docs/flows.md from the flow tables; with --check only say whether it is stale."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true")

    def handle(self, *args, **options):
        text = page()
        if options["check"]:
            if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
                raise CommandError("docs/flows.md is stale: run manage.py draw_flows")
            return
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
        self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)} written")
