# SPDX-License-Identifier: Apache-2.0
"""Writes the same 5 x 7 map in the ways that tifffile, NumPy, Pillow and OpenCV write maps. Run once; the results are
kept here. value(y, x) = (y * 7 + x) / 3 - 4 (signed), and 257 * (y * 7 + x) for whole numbers."""
import pathlib

import cv2
import numpy
import tifffile
from numpy.lib import format as npy_format
from PIL import Image

HERE = pathlib.Path(__file__).parent / "maps"
HERE.mkdir(exist_ok=True)
index = numpy.arange(35, dtype=numpy.float64).reshape(5, 7)
signed = index / 3 - 4
floats = signed.astype(numpy.float32)
whole = (index * 257).astype(numpy.uint16)


def tiff(name, array, **options):
    tifffile.imwrite(HERE / f"{name}.tiff", array, metadata=None, **options)


tiff("float32", floats)
tiff("float32_big_endian", floats, byteorder=">")
tiff("float32_bigtiff", floats, bigtiff=True)
tiff("float32_strips", floats, rowsperstrip=2)
tiff("float32_deflate_predictor", floats, compression="zlib", predictor=3, rowsperstrip=2)
tiff("float32_lzw", floats, compression="lzw")
tiff("float32_tiles", numpy.pad(floats, ((0, 15), (0, 20)), constant_values=9), tile=(16, 16), compression="zlib")
tiff("float64", signed)
tiff("float16", signed.astype(numpy.float16))
tiff("uint16", whole)
tiff("uint8", index.astype(numpy.uint8))
tiff("int32", index.astype(numpy.int32))
tiff("rgb", numpy.zeros((5, 7, 3), numpy.uint8), photometric="rgb")
tiff("float32_two_pages", numpy.stack([floats, floats]), photometric="minisblack")
tiff("float32_not_finite", numpy.where(index == 16, numpy.nan, floats).astype(numpy.float32))
Image.fromarray(floats, mode="F").save(HERE / "pillow_float32.tiff")
cv2.imwrite(str(HERE / "opencv_float32.tiff"), floats)

numpy.save(HERE / "float32.npy", floats)
numpy.save(HERE / "float32_fortran.npy", numpy.asfortranarray(floats))
numpy.save(HERE / "float64_big_endian.npy", signed.astype(">f8"))
numpy.save(HERE / "float16.npy", signed.astype(numpy.float16))
numpy.save(HERE / "float32_channel_first.npy", floats[None])
numpy.save(HERE / "float32_channel_last.npy", floats[..., None])
with open(HERE / "float32_version2.npy", "wb") as file:
    npy_format.write_array(file, floats, version=(2, 0))
numpy.save(HERE / "two_channels.npy", numpy.stack([floats, floats]))
numpy.save(HERE / "int64.npy", index.astype(numpy.int64))
numpy.save(HERE / "infinite.npy", numpy.where(index == 16, numpy.inf, floats).astype(numpy.float32))
numpy.save(HERE / "objects.npy", numpy.array([[None, 1]], dtype=object), allow_pickle=True)
numpy.save(HERE / "records.npy", numpy.zeros((2, 2), dtype=[("a", "<f4"), ("b", "<f4")]))

cv2.imwrite(str(HERE / "uint16.png"), whole)
cv2.imwrite(str(HERE / "uint8.png"), index.astype(numpy.uint8))
cv2.imwrite(str(HERE / "false_colours.png"), cv2.applyColorMap(index.astype(numpy.uint8), cv2.COLORMAP_JET))

# Half precision, value for value, for the reader's conversion.
halves = numpy.array([0, 6e-8, 6.1e-5, 1 / 3, 1, 2049, 65504, -2.5], numpy.float16).reshape(2, 4)
numpy.save(HERE / "halves.npy", halves)
