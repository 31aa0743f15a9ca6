"""Makes the files beside it: python make.py, with Pillow, tifffile and NumPy.

For each image file there is a .npy with the values that Pillow or tifffile reads from it, in the shape of
[height, width] or [height, width, channels]. index.json says how each file was made, and what read it.
"""

import io
import json
import pathlib

import numpy as np
import PIL
import tifffile
from PIL import Image, features

HERE = pathlib.Path(__file__).parent
H, W = 29, 37

# A picture with smooth parts, edges, and noise; odd sizes, so that blocks and chroma samples are cut.
rng = np.random.default_rng(20)
y, x = np.mgrid[0:H, 0:W]
smooth = np.stack([x * 255 / W, y * 255 / H, 255 - (x + y) * 255 / (W + H)], -1)
smooth[8:20, 10:25] = [230, 40, 90]
rgb = np.clip(smooth + rng.normal(0, 12, smooth.shape), 0, 255).astype(np.uint8)
gray = rgb[..., 1].copy()
alpha = np.clip(x * 9 - y * 3, 0, 255).astype(np.uint8)
rgba = np.dstack([rgb, alpha])
gray16 = (gray.astype(np.uint16) * 257 + rng.integers(0, 200, gray.shape)).clip(0, 65535).astype(np.uint16)
rgb16 = (rgb.astype(np.uint16) * 251 + 3).astype(np.uint16)
real = (gray16 / 65535).astype(np.float32)
exif = Image.Exif()
exif[0x112] = 6

index = []


def note(name, made, values, read, **facts):
    array = np.ascontiguousarray(values)
    np.save(HERE / f"{pathlib.Path(name).stem}.npy", array)
    index.append({"file": name, "made": made, "read": read, **facts})


def pillow(name, image, **options):
    image.save(HERE / name, **options)
    text = ", ".join(f"{k}={'...' if isinstance(v, (bytes, Image.Exif)) else repr(v)}" for k, v in options.items())
    with Image.open(HERE / name) as opened:
        opened = opened.convert("RGB") if opened.mode == "P" else opened
        values = np.asarray(opened)
    values = values.astype(np.uint8) if values.dtype == bool else values
    facts = {"orientation": 6} if "exif" in options else {}
    maximum = 1 if image.mode == "1" else 255 if values.dtype == np.uint8 else 65535
    note(name, f"Pillow, mode {image.mode}, save({text})", values, "Pillow", maxValue=maximum, **facts)


def tiff(name, array, values=None, **options):
    tifffile.imwrite(HERE / name, array, metadata=None, **options)
    text = ", ".join(f"{k}={v!r}" for k, v in options.items())
    values = tifffile.imread(HERE / name) if values is None else values
    maximum = 1 if values.dtype.kind == "f" else 255 if values.dtype == np.uint8 else 65535
    note(name, f"tifffile, {array.dtype} {list(array.shape)}, imwrite({text})", values, "tifffile", maxValue=maximum)


color = Image.fromarray(rgb)
for kind, sampling in (("444", 0), ("422", 1), ("420", 2)):
    pillow(f"jpeg-{kind}.jpg", color, quality=90, subsampling=sampling)
pillow("jpeg-420-low.jpg", color, quality=20, subsampling=2)
pillow("jpeg-progressive.jpg", color, quality=80, subsampling=2, progressive=True)
pillow("jpeg-progressive-444.jpg", color, quality=95, subsampling=0, progressive=True, optimize=True)
pillow("jpeg-restarts.jpg", color, quality=85, restart_marker_blocks=2)
pillow("jpeg-rgb.jpg", color, quality=90, keep_rgb=True)
pillow("jpeg-gray.jpg", Image.fromarray(gray), quality=85)
pillow("jpeg-gray-progressive.jpg", Image.fromarray(gray), quality=60, progressive=True)
pillow("jpeg-turned.jpg", color, quality=75, exif=exif)



def resampled(name, source, sampling, width, height):
    """A JPEG that Pillow cannot write: the blocks of another, with as many of them in another arrangement."""
    data = bytearray((HERE / source).read_bytes())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    data[frame + 11] = sampling
    (HERE / name).write_bytes(data)
    made = f"{source} with {width} x {height} pixels and sampling {sampling >> 4} x {sampling & 15}"
    # Versions of libjpeg-turbo differ in how they round where there are half the rows, but all the columns.
    facts = {"within": 2} if sampling == 0x12 else {}
    note(name, made, np.asarray(Image.open(HERE / name)), "Pillow", maxValue=255, **facts)


resampled("jpeg-440.jpg", "jpeg-422.jpg", 0x12, 29, 37)
resampled("jpeg-411.jpg", "jpeg-420.jpg", 0x41, 50, 20)

pillow("webp-lossy.webp", color, quality=80)
pillow("webp-lossy-low.webp", color, quality=5, method=6)
pillow("webp-lossless.webp", color, lossless=True)
pillow("webp-lossy-alpha.webp", Image.fromarray(rgba), quality=70)
pillow("webp-lossless-alpha.webp", Image.fromarray(rgba), lossless=True, exact=True)
pillow("webp-turned.webp", color, lossless=True, exif=exif.tobytes())

few = color.quantize(13)
pillow("tiff-raw.tif", color)
pillow("tiff-lzw.tif", color, compression="tiff_lzw")
pillow("tiff-deflate.tif", color, compression="tiff_adobe_deflate")
pillow("tiff-packbits.tif", color, compression="packbits")
pillow("tiff-gray.tif", Image.fromarray(gray), compression="tiff_lzw")
pillow("tiff-bilevel.tif", Image.fromarray(gray > 128))
pillow("tiff-palette.tif", few)
pillow("tiff-rgba.tif", Image.fromarray(rgba), compression="tiff_lzw")
pillow("tiff-white-is-0.tif", Image.fromarray(gray), tiffinfo={262: 0})
pillow("tiff-16.tif", Image.fromarray(gray16), compression="tiff_lzw")
tiff("tiff-16-big-endian.tif", gray16, byteorder=">", photometric="minisblack")
tiff("tiff-16-predictor.tif", rgb16, predictor=2, compression="zlib", photometric="rgb", rowsperstrip=7)
tiff("tiff-16-predictor-big-endian.tif", rgb16, byteorder=">", predictor=2, compression="zlib", photometric="rgb")
tiff("tiff-8-predictor.tif", rgb, predictor=2, compression="zlib", photometric="rgb", rowsperstrip=8)
tiff("tiff-tiles.tif", rgb, tile=(16, 16), photometric="rgb")
tiff("tiff-tiles-gray-16.tif", gray16, tile=(32, 16), compression="zlib", photometric="minisblack")
planes = np.ascontiguousarray(np.moveaxis(rgb, 2, 0))
tiff("tiff-planes.tif", planes, values=rgb, planarconfig="separate", photometric="rgb", rowsperstrip=10)
tiff("tiff-planes-tiles.tif", planes, values=rgb, planarconfig="separate", photometric="rgb", tile=(16, 16))
tiff("tiff-float32.tif", real, photometric="minisblack")
tiff("tiff-float32-big-endian.tif", real, byteorder=">", photometric="minisblack", rowsperstrip=4)
tiff("tiff-float32-predictor.tif", real, predictor=3, compression="zlib", photometric="minisblack")
tiff("tiff-float64.tif", real.astype(np.float64) / 3, photometric="minisblack", compression="zlib")
tiff("tiff-float32-rgb.tif", (rgb / 255).astype(np.float32), photometric="rgb")

# A larger image of noise, for the table of LZW codes to fill several times.
noise = rng.integers(0, 40, (64, 200)).astype(np.uint8)
pillow("tiff-lzw-long.tif", Image.fromarray(noise), compression="tiff_lzw", tiffinfo={278: 64})

# Files that are refused.
refused = []


def refuse(name, image, code, message, **options):
    image.save(HERE / name, **options)
    refused.append({"file": name, "code": code, "message": message})


refuse("refused-cmyk.jpg", color.convert("CMYK"), "unsupported", "CMYK")
refuse("refused-animation.webp", color, "unsupported", "animated WebP", save_all=True, append_images=[color.rotate(180)])
refuse("refused-pages.tif", color, "unsupported", "several images", save_all=True, append_images=[color])
refuse("refused-cmyk.tif", color.convert("CMYK"), "unsupported", "CMYK")
refuse("refused-fax.tif", Image.fromarray(gray > 128), "unsupported", "compression of fax", compression="group4")
refuse("refused-jpeg.tif", color, "unsupported", "(compression of JPEG|YCbCr)", compression="jpeg")
for name, array, options, message in (
    ("refused-signed.tif", gray16.astype(np.int16), {}, "signed numbers of 16 bits"),
    ("refused-32.tif", gray16.astype(np.uint32), {}, "whole numbers of 32 bits"),
    ("refused-range.tif", real * 255, {}, r"values of this floating-point TIFF go from .* to .*between 0 \(black\)"),
    ("refused-nan.tif", np.where(real > 0.5, np.nan, real).astype(np.float32), {}, "NaN"),
    ("refused-big.tif", gray, {"bigtiff": True}, "BigTIFF"),
    ("refused-premultiplied.tif", rgba, {"extrasamples": ["ASSOCALPHA"], "photometric": "rgb"}, "multiplied by their"),
    ("refused-extra.tif", rgba, {"extrasamples": ["UNSPECIFIED"], "photometric": "rgb"}, "not said to be alpha"),
):
    tifffile.imwrite(HERE / name, array, metadata=None, **{"photometric": "minisblack", **options})
    refused.append({"file": name, "code": "unsupported", "message": message})

about = (
    f"Made by make.py with Pillow {PIL.__version__} (libjpeg-turbo {features.version('libjpeg_turbo')}, "
    f"libwebp {features.version('webp')}, libtiff {features.version('libtiff')}), tifffile {tifffile.__version__} and "
    f"NumPy {np.__version__}. Beside each file of \"images\" stands a .npy of the values that the named program reads."
)
text = io.StringIO()
text.write('{\n "about": ' + json.dumps(about) + ',\n "images": [\n')
text.write(",\n".join("  " + json.dumps(entry) for entry in index))
text.write('\n ],\n "refused": [\n')
text.write(",\n".join("  " + json.dumps(entry) for entry in refused))
text.write("\n ]\n}\n")
(HERE / "index.json").write_text(text.getvalue())
