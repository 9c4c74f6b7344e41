"""What is drawn under the pages of a PDF: line art, and pages laid out once and kept.

WeasyPrint hands its unwritten document to a finisher; these functions add to it. Drawn forms are
described in the structure tree when they say something, and marked as decoration when not.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.vectors import Form

_MILLIMETRE = 72 / 25.4
_PIXEL = 0.75
_REFERENCE = re.compile(rb"(\d+) 0 R")


@dataclass(frozen=True, eq=False)
class PageForm:
    """A page laid out once: operators (compressed), size in points, what they refer to.

    ``objects`` are the frozen objects of the document the page was made in, by number; ``said``
    is the text of the page.
    """

    operators: bytes
    width: float
    height: float
    resources: bytes
    objects: Mapping[int, Any]
    said: str


def page_forms(pdf, texts: Sequence[str]) -> list[PageForm]:
    """Freeze the pages of an unwritten document, with the text of each, for others to draw."""
    objects: dict[int, Any] = {}
    forms = []
    pages = [pdf.objects[number] for number in pdf.pages["Kids"][::3]]
    for page, text in zip(pages, texts, strict=True):
        content = pdf.objects[int(page["Contents"].split()[0])]
        _freeze(pdf, page["Resources"], objects)
        _, _, width, height = page["MediaBox"]
        operators = zlib.compress(_joined(content.stream), 9)
        forms.append(PageForm(operators, width, height, page["Resources"], objects, text))
    return forms


def draw_under(
    document,
    pdf,
    backdrops: Sequence[Sequence[Form | PageForm]],
    drawings: Mapping[str, PageForm],
) -> None:
    """Draw the forms under the pages of an unwritten document.

    Page n carries the forms of ``backdrops[n]``, or of its last entry; a drawing stands where the
    anchor of its name begins.
    """
    painter = _Painter(pdf)
    for index, laid_out in enumerate(document.pages):
        forms = list(backdrops[min(index, len(backdrops) - 1)]) if backdrops else []
        steps = [painter.paint(index, form) for form in forms]
        for name, form in drawings.items():
            if name in laid_out.anchors:
                x, y = (value * _PIXEL for value in laid_out.anchors[name][:2])
                top = laid_out.height * _PIXEL
                steps.append(painter.paint(index, form, (x, top - y - form.height)))
        painter.put_under(index, steps)


class _Painter:
    """Adds forms to a document, each once, however often it is drawn."""

    def __init__(self, pdf):
        import pydyf  # noqa: PLC0415 -- slow import, comes with WeasyPrint

        self.pydyf = pydyf
        self.pdf = pdf
        self.pages = [pdf.objects[number] for number in pdf.pages["Kids"][::3]]
        self.added: dict[int, tuple[str, Any]] = {}
        self.copies: dict[tuple[int, int], bytes] = {}

    def paint(self, index: int, form: Form | PageForm, at=(0.0, 0.0)) -> str:
        """Return the operators that draw a form on a page; adds it when it is new."""
        page = self.pages[index]
        name, reference = self.added.get(id(form), ("", b""))
        if not name:
            name = f"Backdrop{len(self.added)}"
            if isinstance(form, PageForm):
                reference = self._add_page(form)
            else:
                upright = (_MILLIMETRE, 0, 0, -_MILLIMETRE, 0, page["MediaBox"][3])
                reference = self._add_art(form, upright)
            self.added[id(form)] = (name, reference)
            self._resources(page)["XObject"][name] = reference
        mark = "/Artifact BMC"
        if form.said and "StructTreeRoot" in self.pdf.catalog:
            mark = f"/Figure <</MCID {self._describe(index, form.said)}>> BDC"
        return f"{mark} q 1 0 0 1 {at[0]:.2f} {at[1]:.2f} cm /{name} Do Q EMC"

    def put_under(self, index: int, steps: list[str]) -> None:
        """Place operators before what a page already shows."""
        if not steps:
            return
        page = self.pages[index]
        under = self.pydyf.Stream([" ".join(steps).encode()])
        self.pdf.add_object(under)
        page["Contents"] = self.pydyf.Array([under.reference, page["Contents"]])

    def _resources(self, page):
        return self.pdf.objects[int(page["Resources"].split()[0])]

    def _add_art(self, form: Form, matrix=(1, 0, 0, 1, 0, 0)) -> bytes:
        parts = {f"F{index}": self._add_art(part) for index, part in enumerate(form.parts, 1)}
        resources = self.pydyf.Dictionary({"XObject": self.pydyf.Dictionary(parts)})
        return self._add_form(form.operators, form.box, matrix, resources)

    def _add_page(self, form: PageForm) -> bytes:
        resources = self._copied(form.resources, form.objects)
        box = (0, 0, form.width, form.height)
        return self._add_form(form.operators, box, (1, 0, 0, 1, 0, 0), resources)

    def _add_form(self, operators: bytes, box, matrix, resources) -> bytes:
        extra = {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": self.pydyf.Array(box),
            "Matrix": self.pydyf.Array(matrix),
            "Resources": resources,
            "Filter": "/FlateDecode",
        }
        stream = self.pydyf.Stream([operators], self.pydyf.Dictionary(extra))
        self.pdf.add_object(stream)
        return stream.reference

    def _copied(self, value, objects):
        """Return a value of another document with its references made ours."""
        if isinstance(value, bytes) and (match := _REFERENCE.fullmatch(value)):
            return self._adopted(int(match[1]), objects)
        if isinstance(value, dict):
            copies = {key: self._copied(item, objects) for key, item in value.items()}
            return self.pydyf.Dictionary(copies)
        if isinstance(value, list | tuple):
            return self.pydyf.Array([self._copied(item, objects) for item in value])
        return value

    def _adopted(self, number: int, objects) -> bytes:
        key = (id(objects), number)
        if key not in self.copies:
            original = objects[number]
            if isinstance(original, self.pydyf.Stream):
                extra = self._copied(original.extra, objects)
                copy = self.pydyf.Stream(original.stream, extra)
            else:
                copy = self._copied(original, objects)
            self.pdf.add_object(copy)
            self.copies[key] = copy.reference
        return self.copies[key]

    def _describe(self, index: int, said: str) -> int:
        """Add a figure with a description to the structure; return its mark on the page."""
        root = self.pdf.objects[int(self.pdf.catalog["StructTreeRoot"].split()[0])]
        marks = self.pdf.objects[int(root["ParentTree"].split()[0])]["Nums"][2 * index + 1]
        parent = self.pdf.objects[int(root["K"][0].split()[0])]
        mark = len(marks)
        figure = self.pydyf.Dictionary(
            {
                "Type": "/StructElem",
                "S": "/Figure",
                "P": parent.reference,
                "Pg": self.pdf.page_references[index],
                "K": mark,
                "Alt": self.pydyf.String(said),
                "A": self.pydyf.Dictionary(
                    {"O": "/Layout", "BBox": self.pydyf.Array(self.pages[index]["MediaBox"])}
                ),
            }
        )
        self.pdf.add_object(figure)
        marks.append(figure.reference)
        parent["K"].append(figure.reference)
        return mark


def _freeze(pdf, value, kept: dict[int, Any]) -> None:
    """Keep an object and all it refers to; streams are compressed once and for all."""
    if isinstance(value, bytes) and (match := _REFERENCE.fullmatch(value)):
        number = int(match[1])
        if number in kept:
            return
        value = kept[number] = _frozen(pdf.objects[number])
    if hasattr(value, "extra"):
        value = value.extra
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _freeze(pdf, item, kept)


def _frozen(item):
    if not hasattr(item, "stream") or not item.compress:
        return item
    extra = {**item.extra, "Filter": "/FlateDecode"}
    import pydyf  # noqa: PLC0415 -- slow import, comes with WeasyPrint

    return pydyf.Stream([zlib.compress(_joined(item.stream), 9)], extra)


def _joined(stream) -> bytes:
    """Return the content of a stream that is still a list of operators."""
    return b"\n".join(
        item if isinstance(item, bytes) else getattr(item, "data", str(item).encode())
        for item in stream
    )
