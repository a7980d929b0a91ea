# SPDX-License-Identifier: Apache-2.0
"""Writes the reference results of Pillow, torchvision, SciPy and torch that tests/imaging compares with.

Run in this folder; needs pillow < 13 (13 resizes some tall pictures vertically first; made with 11.3.0), numpy, scipy,
torch, torchvision.
"""
import csv
import hashlib
import struct

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter
from torchvision import transforms

FILTERS = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}


def formula_pixels(height, width, channels):
    """The same integer formula as formula_picture() in tests/imaging/formula_picture.h: texture, edges, extremes."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    value = (x * x * 7 + y * y * 13 + x * y * 3 + c * 29 + (x // 8) * (y // 4) * 11) % 256
    value = np.where((x // 5 + y // 7) % 6 == 0, 255, value)
    return np.where((x // 3 + y // 11 + c) % 7 == 0, 0, value).astype(np.uint8)


def picture(height, width, channels):
    pixels = formula_pixels(height, width, channels)
    return Image.fromarray(pixels if channels == 3 else pixels[..., 0])


def sha256(image):
    return hashlib.sha256(np.asarray(image).tobytes()).hexdigest()


def resampling():
    sizes = [((37, 53), (24, 40)), ((53, 37), (80, 111)), ((64, 64), (17, 64)), ((64, 64), (64, 23)), ((9, 200), (60, 60)),
             ((1, 1), (5, 3)), ((2, 7), (1, 1)), ((300, 200), (384, 256)), ((600, 750), (500, 500)), ((900, 900), (256, 256)),
             ((130, 70), (240, 240)), ((5, 4), (7, 9)), ((600, 600), (500, 500)), ((33, 1000), (20, 700)), ((100, 30), (70, 21))]
    with open("resampling.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["height", "width", "channels", "out_height", "out_width", "filter", "sha256"])
        for (height, width), (out_height, out_width) in sizes:
            for channels in (1, 3):
                for name, kernel in FILTERS.items():
                    out = picture(height, width, channels).resize((out_width, out_height), kernel)
                    writer.writerow([height, width, channels, out_height, out_width, name, sha256(out)])


def visible_resampling():
    """Two results as pictures, so that a failure can be looked at."""
    picture(37, 53, 3).save("formula_37x53.png")
    for name in ("bilinear", "bicubic", "lanczos"):
        picture(37, 53, 3).resize((40, 24), FILTERS[name]).save(f"formula_37x53_{name}_24x40.png")


def geometry():
    sizes = [(900, 900), (1024, 1024), (300, 500), (500, 300), (257, 256), (256, 257), (333, 1000), (840, 701), (64, 63), (700, 1001)]
    requests = [(256, 224), (366, 320), (240, 240), (255, 224), (256, 0), (64, 33)]
    with open("geometry.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow("height width shorter crop resized_height resized_width top left sha256".split())
        for height, width in sizes:
            for shorter, crop in requests:
                image = picture(height, width, 3)
                resized = transforms.Resize(shorter)(image)
                top = left = 0
                out = resized
                if crop:
                    place = np.arange(resized.height * resized.width, dtype=np.int32).reshape(resized.height, resized.width)
                    first = int(np.asarray(transforms.CenterCrop(crop)(Image.fromarray(place)))[0, 0])
                    top, left = divmod(first, resized.width)
                    out = transforms.CenterCrop(crop)(resized)
                writer.writerow([height, width, shorter, crop, resized.height, resized.width, top, left, sha256(out)])


def formula_map(height, width):
    """As formula_map() in tests/imaging/formula_picture.h: exact in float32."""
    y, x = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    return (((x * 37 + y * 101 + x * y * 5) % 251) / np.float32(64)).astype(np.float32)


def write_map(file, values):
    """height, width (int32), then float32 row by row; little-endian."""
    file.write(struct.pack("<ii", *values.shape))
    file.write(values.astype("<f4").tobytes())


def gaussian():
    with open("gaussian.bin", "wb") as file:
        for height, width, sigma, mode in [(23, 41, 4, "reflect"), (40, 17, 1.5, "reflect"), (5, 7, 4, "reflect"),
                                           (23, 41, 4, "mirror"), (1, 30, 2.3, "reflect"), (64, 64, 0.4, "mirror")]:
            file.write(struct.pack("<iidi", height, width, sigma, mode == "mirror"))
            write_map(file, gaussian_filter(formula_map(height, width).astype(np.float64), sigma, mode=mode))


def bilinear_maps():
    with open("bilinear_maps.bin", "wb") as file:
        for (height, width), size in [((28, 28), (64, 64)), ((15, 15), (24, 37)), ((37, 37), (20, 11)), ((1, 5), (4, 4)), ((9, 6), (9, 13))]:
            out = torch.nn.functional.interpolate(torch.from_numpy(formula_map(height, width))[None, None].double(), size=size,
                                                  mode="bilinear", align_corners=False)
            file.write(struct.pack("<ii", height, width))
            write_map(file, out[0, 0].numpy())


def files_of_many_kinds():
    rgb = formula_pixels(12, 20, 3)
    Image.fromarray(rgb).save("kind_rgb.png")
    Image.fromarray(rgb[..., 0]).save("kind_grey.png")
    Image.fromarray(np.dstack([rgb, np.full((12, 20), 7, np.uint8)])).save("kind_rgba.png")
    Image.fromarray(rgb[..., 0].astype(np.uint16) * 257).save("kind_grey16.png")
    Image.fromarray(rgb).quantize(64).save("kind_palette.png")
    mask = np.zeros((12, 20), np.uint16)
    mask[3:6, 4:11] = 1
    Image.fromarray(mask).save("mask_16bit_value_1.png")
    Image.fromarray(mask.astype(bool)).save("mask_1bit.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    tall = Image.fromarray(formula_pixels(40, 24, 3)).resize((24, 40), Image.BICUBIC)
    # The thumbnail inside has an end-of-image marker of its own.
    exif[0x9286] = b"\xff\xd8\xff\xd9"
    tall.save("kind_rotated.jpg", exif=exif, quality=90)
    tall.save("kind_progressive.jpg", quality=90, progressive=True)


if __name__ == "__main__":
    resampling()
    visible_resampling()
    geometry()
    gaussian()
    bilinear_maps()
    files_of_many_kinds()
