"""More PDFs as scanners, offices and damaged disks make them, one oddity a file.

    python odd_sources.py SCAN TEXT FOLDER

The first set of kinds is in sources.py; FOLDER is there already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, TiffImagePlugin

_DPI = 200
_CLEAR, _END = 256, 257
# A literal code has nine bits as long as the table has fewer than 511 entries.
_LITERALS = 250


def _page_of(pdf: Pdf, image: Stream, scan: Image.Image) -> None:
    size = (scan.width * 72 / _DPI, scan.height * 72 / _DPI)
    page = pdf.add_blank_page(page_size=size).obj
    page.Resources = Dictionary(XObject=Dictionary(Im0=image))
    place = f"q 0.1 0.2 0.6 rg {size[0]} 0 0 {size[1]} 0 0 cm /Im0 Do Q"
    page.Contents = Stream(pdf, place.encode())


def _image(pdf: Pdf, scan: Image.Image, data: bytes, **keys: object) -> Stream:
    values = {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 8, **keys}
    return Stream(
        pdf,
        data,
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Width": scan.width,
            "/Height": scan.height,
            **{f"/{key}": value for key, value in values.items() if value is not None},
        },
    )


def _bitonal(scan: Image.Image) -> Image.Image:
    return scan.convert("L").point(lambda value: 255 * (value > 150), "1")


def _group4(scan: Image.Image) -> bytes:
    """Return the lines of a scan in CCITT group 4, as one strip; black is 1."""
    buffer = BytesIO()
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[278] = scan.height
    _bitonal(scan).save(buffer, "TIFF", compression="group4", tiffinfo=info)
    with Image.open(buffer) as again:
        assert isinstance(again, TiffImagePlugin.TiffImageFile)
        start, length = again.tag_v2[273][0], again.tag_v2[279][0]
    return buffer.getvalue()[start : start + length]


def _jbig2(scan: Image.Image) -> bytes:
    """Wrap group 4 lines as a lossless generic region (ITU-T T.88, 7.4.6, MMR)."""
    width, height = scan.width.to_bytes(4, "big"), scan.height.to_bytes(4, "big")
    page = width + height + bytes(8) + b"\0" + b"\0\0"
    region = width + height + bytes(8) + b"\0" + b"\x01" + _group4(scan)
    segments = ((0, 48, page), (1, 38, region), (2, 49, b""))
    return b"".join(
        number.to_bytes(4, "big") + bytes([kind, 0, 1]) + len(data).to_bytes(4, "big") + data
        for number, kind, data in segments
    )


def _lzw(data: bytes) -> bytes:
    """Code bytes one by one, with a new table before codes would grow: legal, and no smaller."""
    codes = []
    for start in range(0, len(data), _LITERALS):
        codes += [_CLEAR, *data[start : start + _LITERALS]]
    bits = "".join(f"{code:09b}" for code in [*codes, _END])
    return int(bits.ljust(-len(bits) // 8 * -8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def _jpeg(scan: Image.Image) -> bytes:
    buffer = BytesIO()
    scan.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _sixteen_bits(pdf: Pdf, scan: Image.Image) -> Stream:
    deep = (np.asarray(scan.convert("L"), dtype=np.uint16) * 257).astype(">u2")
    return _image(pdf, scan, deep.tobytes(), BitsPerComponent=16)


def _indexed(pdf: Pdf, scan: Image.Image) -> Stream:
    small = scan.quantize(16)
    palette = bytes(small.getpalette() or [])[:48]
    colours = Array([Name.Indexed, Name.DeviceRGB, len(palette) // 3 - 1, String(palette)])
    return _image(pdf, scan, small.tobytes(), ColorSpace=colours)


def _stencil(pdf: Pdf, scan: Image.Image) -> Stream:
    keys = {"ColorSpace": None, "BitsPerComponent": 1, "ImageMask": True}
    return _image(pdf, scan, _bitonal(scan).tobytes(), **keys)


def _colour_key(pdf: Pdf, scan: Image.Image) -> Stream:
    return _image(pdf, scan, scan.convert("L").tobytes(), Mask=Array([250, 255]))


def _explicit_mask(pdf: Pdf, scan: Image.Image) -> Stream:
    mask = pdf.make_indirect(_stencil(pdf, scan))
    return _image(pdf, scan, scan.convert("L").tobytes(), Mask=mask)


def _inverted(pdf: Pdf, scan: Image.Image) -> Stream:
    turned = scan.convert("L").point(lambda value: 255 - value)
    return _image(pdf, scan, turned.tobytes(), Decode=Array([1, 0]))


def _jbig2_image(pdf: Pdf, scan: Image.Image) -> Stream:
    keys = {"BitsPerComponent": 1, "Filter": Name.JBIG2Decode}
    return _image(pdf, scan, _jbig2(scan), **keys)


def _lzw_image(pdf: Pdf, scan: Image.Image) -> Stream:
    return _image(pdf, scan, _lzw(scan.convert("L").tobytes()), Filter=Name.LZWDecode)


def _two_filters(pdf: Pdf, scan: Image.Image) -> Stream:
    filters = Array([Name.ASCIIHexDecode, Name.DCTDecode])
    data = _jpeg(scan).hex().encode() + b">"
    return _image(pdf, scan, data, ColorSpace=Name.DeviceRGB, Filter=filters)


def _calibrated(pdf: Pdf, scan: Image.Image) -> Stream:
    white = Dictionary(WhitePoint=Array([0.9505, 1, 1.089]), Gamma=Array([2.2, 2.2, 2.2]))
    colours = Array([Name.CalRGB, white])
    return _image(pdf, scan, _jpeg(scan), ColorSpace=colours, Filter=Name.DCTDecode)


def _cmyk_flate(pdf: Pdf, scan: Image.Image) -> Stream:
    return _image(pdf, scan, scan.convert("CMYK").tobytes(), ColorSpace=Name.DeviceCMYK)


def _strange_jpx(pdf: Pdf, scan: Image.Image) -> Stream:
    """Write JPEG 2000 without its file format, with alpha: neither may be in PDF/A-2."""
    buffer = BytesIO()
    scan.convert("RGBA").save(buffer, "JPEG2000", no_jp2=True)
    keys = {"ColorSpace": None, "BitsPerComponent": None, "Filter": Name.JPXDecode}
    return _image(pdf, scan, buffer.getvalue(), **keys)


_IMAGES: dict[str, Callable[[Pdf, Image.Image], Stream]] = {
    "16-bit": _sixteen_bits,
    "indexed": _indexed,
    "stencil": _stencil,
    "colour-key": _colour_key,
    "explicit-mask": _explicit_mask,
    "inverted": _inverted,
    "jbig2": _jbig2_image,
    "lzw-image": _lzw_image,
    "two-filters": _two_filters,
    "calibrated": _calibrated,
    "cmyk-flate": _cmyk_flate,
    "jpx-bare": _strange_jpx,
}


def write_scans(scan: Image.Image, folder: Path) -> None:
    """Write scans whose picture is coded in rare ways, and scans on rare pages."""
    for name, make in _IMAGES.items():
        with pikepdf.new() as pdf:
            _page_of(pdf, make(pdf, scan), scan)
            pdf.save(
                folder / f"scan-{name}.pdf", stream_decode_level=pikepdf.StreamDecodeLevel.none
            )
    for name, change in _PAGES.items():
        with pikepdf.new() as pdf:
            keys = {"ColorSpace": Name.DeviceRGB, "Filter": Name.DCTDecode}
            _page_of(pdf, _image(pdf, scan, _jpeg(scan), **keys), scan)
            change(pdf)
            pdf.save(folder / f"scan-{name}.pdf")


def _twice(pdf: Pdf) -> None:
    pdf.pages.append(pdf.pages[0])


def _user_unit(pdf: Pdf) -> None:
    pdf.pages[0].obj.UserUnit = 3


def _moved(pdf: Pdf) -> None:
    page = pdf.pages[0].obj
    width, height = float(page.MediaBox[2]), float(page.MediaBox[3])
    page.MediaBox = Array([width, height, 0, 0])
    page.CropBox = Array([-9, -9, width + 500, height + 500])
    page.Rotate = -90


def _huge(pdf: Pdf) -> None:
    """A page larger than PDF/A lets any be."""
    page = pdf.pages[0].obj
    page.Contents = Stream(pdf, b"q 15000 0 0 300 0 0 cm /Im0 Do Q")
    page.MediaBox = Array([0, 0, 15000, 300])


def _tiny(pdf: Pdf) -> None:
    """A second page smaller than PDF/A lets any be."""
    pdf.add_blank_page(page_size=(3, 3))
    pdf.pages[-1].obj.MediaBox = Array([0, 0, 2, 2])


def _optional(pdf: Pdf) -> None:
    """The picture lies on a layer that is off; so nothing is to be read."""
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("THU NGHIEM")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    pdf.pages[0].obj.Resources.XObject.Im0.OC = layer


_PAGES: dict[str, Callable[[Pdf], None]] = {
    "twice": _twice,
    "user-unit": _user_unit,
    "moved": _moved,
    "huge-page": _huge,
    "tiny-page": _tiny,
    "layer-off": _optional,
}


def write_texts(source: Path, folder: Path) -> None:
    """Write copies of a text PDF, each with something that office programs do."""
    for name, change in _TEXTS.items():
        with pikepdf.open(source) as pdf:
            change(pdf)
            pdf.save(folder / f"text-{name}.pdf", fix_metadata_version=False)
    with pikepdf.open(source) as pdf:
        pdf.save(folder / "text-restricted.pdf", encryption=pikepdf.Encryption(owner="x", user=""))
        pdf.save(folder / "text-2.0.pdf", force_version="2.0", linearize=True)
    whole = source.read_bytes()
    (folder / "text-garbage-around.pdf").write_bytes(b"\r\n\r\n" + whole + b"\r\n\0\0\0")
    start = whole.rindex(b"startxref")
    (folder / "text-lost-table.pdf").write_bytes(whole[:start] + b"startxref\n7\n%%EOF\n")


def _font_of(pdf: Pdf) -> pikepdf.Object:
    fonts = pdf.pages[0].obj.Resources.Font
    return fonts[next(iter(fonts.keys()))]


def _no_unicode(pdf: Pdf) -> None:
    """Some letters without a place in Unicode: level B at most."""
    _font_of(pdf).ToUnicode.write(b"1 beginbfchar <0003> <0020> endbfchar")


def _tagged(pdf: Pdf) -> None:
    page = pdf.pages[0]
    page.contents_add(Stream(pdf, b"/P <</MCID 0>> BDC"), prepend=True)
    page.contents_add(Stream(pdf, b"EMC"))
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    element = Dictionary(Type=Name.StructElem, S=Name("/Tho"), P=root, Pg=page.obj, K=0)
    root.K = pdf.make_indirect(element)
    pdf.Root.StructTreeRoot = root
    pdf.Root.MarkInfo = Dictionary(Marked=True, Suspects=True)
    page.obj.StructParents = 0


def _outline(pdf: Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("THU NGHIEM", 0))
    pdf.Root.Outlines.First.A = Dictionary(S=Name.Launch, F=String("x"))
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r)]))
    pdf.Root.ViewerPreferences = Dictionary(HideToolbar=True)


def _annotation(subtype: str, **keys: object) -> Callable[[Pdf], None]:
    def add(pdf: Pdf) -> None:
        values = {f"/{key}": value for key, value in keys.items()}
        made = Dictionary({"/Type": Name.Annot, "/Subtype": Name(f"/{subtype}"), **values})
        made.Rect = Array([50, 50, 150, 90])
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(made)])

    return add


def _xfa(pdf: Pdf) -> None:
    form = Stream(pdf, b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=form)
    pdf.Root.NeedsRendering = True


def _unsigned_field(pdf: Pdf) -> None:
    field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String("CB_SaoChup"))
    field.Rect = Array([0, 0, 0, 0])
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(field)])
    pdf.Root.AcroForm = Dictionary(Fields=pdf.pages[0].obj.Annots, SigFlags=1)


def _drawn_font(pdf: Pdf) -> None:
    """A font whose letters are drawings (Type 3), without Unicode."""
    glyph = Stream(pdf, b"500 0 0 0 500 500 d1 0 0 500 500 re f")
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 500, 500]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(a=glyph),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name("/a")])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([500]),
        Resources=Dictionary(),
    )
    pdf.pages[0].obj.Resources.Font.T3 = pdf.make_indirect(font)
    pdf.pages[0].contents_add(Stream(pdf, b"q BT /T3 12 Tf 60 60 Td (aa) Tj ET Q"))


def _soft_group(pdf: Pdf) -> None:
    group = Dictionary(S=Name.Transparency, CS=Name.DeviceCMYK)
    form = Stream(pdf, b"0.5 g 0 0 300 300 re f", Subtype=Name.Form, BBox=[0, 0, 300, 300])
    form.Group = group
    mask = Dictionary(Type=Name.Mask, S=Name.Luminosity, G=pdf.make_indirect(form))
    page = pdf.pages[0].obj
    page.Group = group
    page.Resources.ExtGState = Dictionary(Gs1=Dictionary(Type=Name.ExtGState, SMask=mask))
    pdf.pages[0].contents_add(Stream(pdf, b"q /Gs1 gs 1 0 0 rg 50 50 99 99 re f Q"))


def _shading(pdf: Pdf) -> None:
    tint = Dictionary(
        FunctionType=2, Domain=Array([0, 1]), C0=Array([0] * 4), C1=Array([1] * 4), N=1
    )
    shade = Dictionary(
        ShadingType=2, ColorSpace=Name.DeviceCMYK, Coords=Array([0, 0, 99, 99]), Function=tint
    )
    pdf.pages[0].obj.Resources.Shading = Dictionary(Sh1=shade)
    pdf.pages[0].contents_add(Stream(pdf, b"q 50 50 99 99 re W n /Sh1 sh Q"))


def _halftone(pdf: Pdf) -> None:
    tone = Dictionary(HalftoneType=1, Frequency=60, Angle=45, SpotFunction=Name.Round)
    state = Dictionary(Type=Name.ExtGState, HT=tone, RI=Name("/Hoso"), OPM=1, OP=True)
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(Gs1=state)
    pdf.pages[0].contents_add(Stream(pdf, b"q /Gs1 gs 0 0 1 1 re f Q"))


def _portfolio(pdf: Pdf) -> None:
    pdf.attachments["a.pdf"] = b"%PDF-1.4 THU NGHIEM"
    pdf.Root.Collection = Dictionary(Type=Name.Collection, View=Name.D)
    pdf.Root.AF = Array([])


def _restated(pdf: Pdf) -> None:
    """Metadata and requirements of another maker, none of them true of our copy."""
    pdf.Root.Metadata = Stream(pdf, b"<x:xmpmeta", Type=Name.Metadata, Subtype=Name.XML)
    pdf.Root.Requirements = Array([Dictionary(S=Name.EnableJavaScripts)])
    pdf.trailer.Info = pdf.make_indirect(Dictionary(Title=String("x"), Trapped=Name("/Co")))


_TEXTS: dict[str, Callable[[Pdf], None]] = {
    "no-unicode": _no_unicode,
    "tagged": _tagged,
    "outline": _outline,
    "screen": _annotation("Screen"),
    "movie": _annotation("Movie", Movie=Dictionary(F=String("x.avi"))),
    "file-annotation": _annotation("FileAttachment", FS=Dictionary(Type=Name.Filespec)),
    "redaction": _annotation("Redact", IC=Array([0, 0, 0])),
    "hidden-note": _annotation("Text", F=2, Contents=String("THU NGHIEM")),
    "note-without-picture": _annotation("FreeText", Contents=String("THU NGHIEM")),
    "xfa": _xfa,
    "unsigned-field": _unsigned_field,
    "drawn-font": _drawn_font,
    "soft-group": _soft_group,
    "shading": _shading,
    "halftone": _halftone,
    "portfolio": _portfolio,
    "restated": _restated,
}


if __name__ == "__main__":
    scan_path, text_path, target = (Path(argument) for argument in sys.argv[1:])
    with Image.open(scan_path) as opened:
        part = opened.convert("RGB").crop((0, 0, opened.width, opened.height // 5))
    write_scans(part, target)
    write_texts(text_path, target)
