"""Word documents as a bank files them: A4, Chinese fonts, plain tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document

_NOT_ALLOWED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FONT, _BRAND = "宋体", "14324D"


def blank(title: str) -> Document:
    """An A4 document whose styles write Chinese in a Chinese font."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.4)
    for name, size in (("Normal", 10.5), ("Title", 20), ("Heading 1", 14), ("Heading 2", 12), ("Intense Quote", 11)):
        style: Any = document.styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in [a for a in fonts.attrib if a.endswith("Theme")]:
            del fonts.attrib[attribute]
        fonts.set(qn("w:eastAsia"), _FONT)
        if name != "Normal":
            style.font.color.rgb = RGBColor.from_string(_BRAND)
    document.core_properties.title = clean(title)[:200]
    document.core_properties.author = ""
    return document


def table(document: Document, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
    from docx.shared import Cm

    table: Any = document.add_table(rows=0, cols=len(widths))
    table.style = "Table Grid"
    for place, row in enumerate([head, *rows] if head else rows):
        cells = table.add_row().cells
        for column, (text, width) in enumerate(zip(row, widths, strict=True)):
            cells[column].width = Cm(width)
            run = cells[column].paragraphs[0].add_run(clean(text))
            run.bold = (bool(head) and place == 0) or (not head and column == 0)
    document.add_paragraph()


def clean(text: str) -> str:
    """One line without characters that the format can't hold."""
    return " ".join(_NOT_ALLOWED.sub("", text).split())
