"""Documents for a simulation: one in so many is really made, the others are blank pages.

Making thousands of documents takes hours and shows nothing that the first hundred did not. All
that surrounds them stays as it is: the HTML is written, the job runs, a PDF is stored and hashed.
"""

import hashlib
import io
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import pikepdf

from foundation import pdf

_MARK = "0" * 64


@dataclass
class Count:
    """How many documents were made, and how many of them really."""

    asked: int = 0
    rendered: int = 0


@cache
def _blank() -> bytes:
    page = pikepdf.new()
    page.add_blank_page(page_size=(595, 842))
    page.Root["/PortalDigest"] = pikepdf.String(_MARK)
    out = io.BytesIO()
    page.save(out, compress_streams=False, deterministic_id=True)
    return out.getvalue()


@contextmanager
def sampled(every: int):
    """Render one document in ``every`` for the time of a block, 1 renders all; gives the count."""
    render, count = pdf.lay_out, Count()

    def one_in_so_many(html, stylesheets, finisher, *, attachments, variant):
        if variant is None:  # a drawing of the body's, kept and drawn into many
            return render(html, stylesheets, finisher, attachments=attachments, variant=variant)
        count.asked += 1
        if count.asked % every == 1 % every:
            count.rendered += 1
            return render(html, stylesheets, finisher, attachments=attachments, variant=variant)
        digest = hashlib.sha256(html.encode()).hexdigest()
        return _blank().replace(_MARK.encode(), digest.encode())

    pdf.lay_out = one_in_so_many
    try:
        yield count
    finally:
        pdf.lay_out = render
