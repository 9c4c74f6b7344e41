"""Small files people of the demonstration upload."""

import io

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile


def paper(name: str, words: str) -> SimpleUploadedFile:
    """Return an upload: a PDF of one page with a line of plain text."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    plain = words.encode("ascii", "replace").decode().replace("(", "").replace(")", "")
    page.Contents = pdf.make_stream(f"BT /F1 11 Tf 72 760 Td ({plain}) Tj ET".encode())
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return SimpleUploadedFile(f"{name}.pdf", out.getvalue(), "application/pdf")
