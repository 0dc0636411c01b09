"""Draw scans and PDFs of the kinds that the demo's samples lack, for `hoso read --pdf` to convert.

    python sources.py SCAN TEXT FOLDER

SCAN is a picture of a paper and TEXT a PDF with real text. Each file is one of them in another
dress: other picture formats, and PDFs with what PDF/A-2b forbids or restricts (ISO 19005-2, 6.1
to 6.6), one thing a file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, ImageCms

_DPI = 200
_ORIENTATION = 274


def write_pictures(scan: Image.Image, folder: Path) -> None:
    """Write the top of a scan as a file of each picture format and colour that a desk may drop."""
    grey, resolution = scan.convert("L"), (_DPI, _DPI)
    bitonal = grey.point(lambda value: 255 * (value > 150), "1")
    grey.save(folder / "jpeg-grey.jpg", dpi=resolution)
    scan.convert("CMYK").save(folder / "jpeg-cmyk.jpg", dpi=resolution)
    scan.save(folder / "jpeg-progressive.jpg", dpi=resolution, progressive=True)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    scan.save(folder / "jpeg-profile.jpg", dpi=resolution, icc_profile=profile)
    for name, orientation in (("turned", 6), ("mirrored", 2)):
        exif = Image.Exif()
        exif[_ORIENTATION] = orientation
        scan.save(folder / f"jpeg-{name}.jpg", dpi=resolution, exif=exif)
    scan.convert("RGBA").save(folder / "png-alpha.png", dpi=resolution)
    scan.quantize(16).save(folder / "png-palette.png", dpi=resolution)
    deep = np.asarray(grey, dtype=np.uint16) * 257
    Image.fromarray(deep).save(folder / "png-16-bit.png", dpi=resolution)
    bitonal.save(folder / "png-bitonal.png", dpi=resolution)
    bitonal.save(
        folder / "tiff-g4.tif",
        dpi=resolution,
        compression="group4",
        save_all=True,
        append_images=[bitonal.rotate(180)],
    )
    bitonal.save(folder / "tiff-g3.tif", dpi=resolution, compression="group3")
    scan.save(folder / "tiff-lzw.tif", dpi=resolution, compression="tiff_lzw")
    scan.save(folder / "tiff-jpeg.tif", dpi=resolution, compression="jpeg")
    scan.save(folder / "webp.webp", quality=90)
    pillow_heif.from_pillow(scan).save(folder / "heic.heic")


def write_scanned_pdfs(scan: Image.Image, folder: Path) -> None:
    """Write PDFs of one picture, each with something that scanners and office programs do."""
    for name, image in {
        "cmyk": (scan.convert("CMYK"), "JPEG", Name.DCTDecode, Name.DeviceCMYK),
        "jpeg2000": (scan, "JPEG2000", Name.JPXDecode, Name.DeviceRGB),
        "grey": (scan.convert("L"), "JPEG", Name.DCTDecode, Name.DeviceGray),
    }.items():
        with _picture_pdf(*image) as pdf:
            pdf.save(folder / f"scan-{name}.pdf")
    for name, change in _SCAN_CHANGES.items():
        with _picture_pdf(scan, "JPEG", Name.DCTDecode, Name.DeviceRGB) as pdf:
            change(pdf)
            pdf.save(folder / f"scan-{name}.pdf")


def _picture_pdf(picture: Image.Image, kind: str, packing: Name, colours: Name) -> Pdf:
    buffer = BytesIO()
    picture.save(buffer, kind)
    pdf = pikepdf.new()
    image = Stream(
        pdf,
        buffer.getvalue(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=colours,
        BitsPerComponent=8,
        Filter=packing,
    )
    size = (picture.width * 72 / _DPI, picture.height * 72 / _DPI)
    page = pdf.add_blank_page(page_size=size)
    page.obj.Resources = Dictionary(XObject=Dictionary(Im0=image))
    page.obj.Contents = Stream(pdf, f"q {size[0]} 0 0 {size[1]} 0 0 cm /Im0 Do Q".encode())
    return pdf


def _image_of(pdf: Pdf) -> pikepdf.Object:
    return pdf.pages[0].obj.Resources.XObject.Im0


def _interpolate(pdf: Pdf) -> None:
    _image_of(pdf).Interpolate = True


def _alternate(pdf: Pdf) -> None:
    image = _image_of(pdf)
    image.Alternates = Array([Dictionary(Image=image, DefaultForPrinting=False)])


def _soft_mask(pdf: Pdf) -> None:
    image = _image_of(pdf)
    pixels = bytes([255]) * (int(image.Width) * int(image.Height))
    image.SMask = Stream(
        pdf,
        pixels,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=image.Width,
        Height=image.Height,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
    )


def _intent(pdf: Pdf) -> None:
    _image_of(pdf).Intent = Name("/Made-Up")


def _turn(pdf: Pdf) -> None:
    pdf.pages[0].obj.Rotate = 90


def _crop(pdf: Pdf) -> None:
    page = pdf.pages[0].obj
    page.CropBox = Array([20, 20, float(page.MediaBox[2]) - 20, float(page.MediaBox[3]) - 20])


def _lzw(pdf: Pdf) -> None:
    # The code for "clear" and the code for "end", nine bits each: an empty LZW stream.
    page = pdf.pages[0].obj
    page.Contents = Array([page.Contents, Stream(pdf, b"\x80\x40\x40", Filter=Name.LZWDecode)])


def _unknown_operator(pdf: Pdf) -> None:
    page = pdf.pages[0].obj
    page.Contents = Stream(pdf, page.Contents.read_bytes() + b"\nBX hoso EX\n")


_SCAN_CHANGES: dict[str, Callable[[Pdf], None]] = {
    "interpolated": _interpolate,
    "alternate": _alternate,
    "soft-mask": _soft_mask,
    "made-up-intent": _intent,
    "turned": _turn,
    "cropped": _crop,
    "lzw": _lzw,
    "unknown-operator": _unknown_operator,
}


def write_born_digital_pdfs(source: Path, folder: Path) -> None:
    """Write copies of a text PDF, each with something that office programs do."""
    for name, change in _TEXT_CHANGES.items():
        with pikepdf.open(source) as pdf:
            change(pdf)
            pdf.save(folder / f"text-{name}.pdf")


def _nothing(pdf: Pdf) -> None:
    """As it is."""


def _font_of(pdf: Pdf) -> pikepdf.Object:
    fonts = pdf.pages[0].obj.Resources.Font
    return fonts[next(iter(fonts.keys()))]


def _unembedded(pdf: Pdf) -> None:
    del _font_of(pdf).DescendantFonts[0].FontDescriptor["/FontFile2"]


def _standard_font(pdf: Pdf) -> None:
    pdf.pages[0].obj.Resources.Font.Helv = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica
    )
    _append(pdf, b"BT /Helv 12 Tf 60 60 Td (THU NGHIEM) Tj ET")


def _wrong_widths(pdf: Pdf) -> None:
    descendant = _font_of(pdf).DescendantFonts[0]
    descendant.W = Array([0, Array([123] * 200)])


def _append(pdf: Pdf, content: bytes) -> None:
    page = pdf.pages[0]
    page.contents_add(Stream(pdf, b"q\n" + content + b"\nQ"))


def _state(pdf: Pdf, settings: dict[str, object]) -> None:
    state = Dictionary({"/Type": Name.ExtGState, **settings})
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(Gs1=state)
    _append(pdf, b"/Gs1 gs 0.2 g 100 100 60 60 re f")


def _transparent(pdf: Pdf) -> None:
    _state(pdf, {"/ca": 0.5, "/BM": Name.Multiply})


def _transfer_function(pdf: Pdf) -> None:
    _state(pdf, {"/TR": Dictionary(FunctionType=2, Domain=Array([0, 1]), N=1)})


def _unknown_blend(pdf: Pdf) -> None:
    _state(pdf, {"/BM": Name("/Hoso")})


def _cmyk(pdf: Pdf) -> None:
    _append(pdf, b"0 1 1 0 k 100 100 60 60 re f")


def _colour(pdf: Pdf, space: Array) -> None:
    pdf.pages[0].obj.Resources.ColorSpace = Dictionary(Cs1=space)
    _append(pdf, b"/Cs1 cs 1 scn 100 100 60 60 re f")


def _spot(pdf: Pdf) -> None:
    tint = Dictionary(
        FunctionType=2, Domain=Array([0, 1]), C0=Array([0] * 4), C1=Array([0, 1, 1, 0]), N=1
    )
    _colour(pdf, Array([Name.Separation, Name("/Red"), Name.DeviceCMYK, tint]))


def _spot_in_rgb(pdf: Pdf) -> None:
    tint = Dictionary(
        FunctionType=2, Domain=Array([0, 1]), C0=Array([1] * 3), C1=Array([1, 0, 0]), N=1
    )
    _colour(pdf, Array([Name.Separation, Name("/Red"), Name.DeviceRGB, tint]))


def _false_profile(pdf: Pdf) -> None:
    profile = Stream(pdf, b"THU NGHIEM" * 20, N=1, Alternate=Name.DeviceGray)
    _colour(pdf, Array([Name.ICCBased, pdf.make_indirect(profile)]))


def _link_with_script(pdf: Pdf) -> None:
    action = Dictionary(S=Name.JavaScript, JS=String("app.alert('THU NGHIEM')"))
    pdf.pages[0].obj.Annots = Array(
        [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([50, 50, 90, 90]), A=action)]
    )
    pdf.Root.OpenAction = action


def _page_action(pdf: Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("x")))


def _attachment(pdf: Pdf) -> None:
    pdf.attachments["ghi-chu.txt"] = b"THU NGHIEM"


def _layer(pdf: Pdf) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("THU NGHIEM")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(AS=Array([])))
    pdf.pages[0].obj.Resources.Properties = Dictionary(Oc1=group)
    _append(pdf, b"/OC /Oc1 BDC 0.5 g 100 100 60 60 re f EMC")


def _widget(pdf: Pdf) -> pikepdf.Object:
    """Add a filled text field that has no appearance yet."""
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("ten"),
            V=String("THU NGHIEM"),
            DA=String("/Helv 12 Tf 0 g"),
            F=4,
            Rect=Array([50, 50, 200, 70]),
        )
    )
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([field]), DR=Dictionary(Font=Dictionary(Helv=helvetica))
    )
    return field


def _form(pdf: Pdf) -> None:
    box = Stream(pdf, b"0.5 g 0 0 150 20 re f", Subtype=Name.Form, BBox=Array([0, 0, 150, 20]))
    _widget(pdf).AP = Dictionary(N=box)


def _form_for_viewers(pdf: Pdf) -> None:
    _widget(pdf)
    pdf.Root.AcroForm.NeedAppearances = True


def _page_metadata(pdf: Pdf) -> None:
    pdf.pages[0].obj.Metadata = Stream(pdf, b"<not-xmp", Type=Name.Metadata, Subtype=Name.XML)


def _private_data(pdf: Pdf) -> None:
    page = pdf.pages[0].obj
    page.PieceInfo = Dictionary(Hoso=Dictionary(LastModified=String("D:2026"), Private=1))
    page.PresSteps = Dictionary(Type=Name.NavNode)


def _inline_image(pdf: Pdf) -> None:
    _append(pdf, b"60 0 0 60 100 100 cm BI /W 1 /H 1 /BPC 8 /CS /RGB /I true ID abc EI")


def _postscript(pdf: Pdf) -> None:
    pdf.pages[0].obj.Resources.XObject = Dictionary(
        Ps=Stream(pdf, b"showpage", Type=Name.XObject, Subtype=Name.PS)
    )
    _append(pdf, b"/Ps Do")


def _large_numbers(pdf: Pdf) -> None:
    _append(pdf, b"1 0 0 1 99999999999 0 cm 0 g 0 0 1 1 re f")


def _deep_nesting(pdf: Pdf) -> None:
    _append(pdf, b"q " * 40 + b"0 g 0 0 1 1 re f " + b"Q " * 40)


_TEXT_CHANGES: dict[str, Callable[[Pdf], None]] = {
    "as-it-is": _nothing,
    "font-not-embedded": _unembedded,
    "standard-font": _standard_font,
    "wrong-widths": _wrong_widths,
    "transparent": _transparent,
    "transfer-function": _transfer_function,
    "unknown-blend-mode": _unknown_blend,
    "cmyk": _cmyk,
    "spot-colour": _spot,
    "spot-colour-in-rgb": _spot_in_rgb,
    "false-profile": _false_profile,
    "link-with-script": _link_with_script,
    "page-action": _page_action,
    "attachment": _attachment,
    "layer": _layer,
    "form": _form,
    "form-for-viewers": _form_for_viewers,
    "page-metadata": _page_metadata,
    "private-data": _private_data,
    "inline-image": _inline_image,
    "postscript": _postscript,
    "large-numbers": _large_numbers,
    "deep-nesting": _deep_nesting,
}


def write_mixed_pdf(text: Path, scanned: Path, target: Path) -> None:
    """Write a PDF of one text page and one scanned page."""
    with pikepdf.open(text) as pdf, pikepdf.open(scanned) as other:
        pdf.pages.extend(other.pages)
        pdf.save(target)


if __name__ == "__main__":
    scan_path, text_path, sources = (Path(argument) for argument in sys.argv[1:])
    sources.mkdir()
    with Image.open(scan_path) as whole:
        top = whole.crop((0, 0, whole.width, whole.height // 4))
    write_pictures(top, sources)
    write_scanned_pdfs(top, sources)
    write_born_digital_pdfs(text_path, sources)
    write_mixed_pdf(text_path, sources / "scan-grey.pdf", sources / "mixed.pdf")
