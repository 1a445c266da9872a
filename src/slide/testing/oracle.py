"""Pyramids written by libvips, and what OpenSlide reads of them and of the lossy JPEG 2000 slides, for openslide.test.ts.

pip install -r src/slide/testing/requirements.txt
python src/slide/testing/oracle.py ../shared/slides <empty folder>
Writes the pyramids, the pixels of each level as RGB (<file>.<level>.rgb), and what.json: {name, source, levels: [[w, h]], subifd}.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import openslide
import pyvips

shared, out = Path(sys.argv[1]), Path(sys.argv[2])
told = []


def rgb(slide, level):
    rgba = np.asarray(slide.read_region((0, 0), level, slide.level_dimensions[level])).astype(np.float32)
    alpha = rgba[..., 3:] / 255
    return (rgba[..., :3] * alpha + 255 * (1 - alpha)).round().astype(np.uint8)


def tell(path, most, subifd=False):
    """most: the largest difference that is allowed."""
    levels = []
    try:
        slide = openslide.OpenSlide(str(path))
        levels = [list(size) for size in slide.level_dimensions]
        for level in range(len(levels)):
            rgb(slide, level).tofile(out / f"{path.name}.{level}.rgb")
    except openslide.OpenSlideUnsupportedFormatError:
        pass  # 4.0.1 takes a big-endian TIFF under 4 GB for no TIFF at all
    first = len(levels)  # of SubIFDs OpenSlide reads no level but the first
    for i in range(8) if subifd or first == 0 else []:
        try:
            image = pyvips.Image.tiffload(str(path), **({"subifd": i} if subifd else {"page": i}))
        except pyvips.Error:
            break
        levels.append([image.width, image.height])
        image.numpy().tofile(out / f"{path.name}.{first + i}.rgb")
    told.append({"name": path.name, "source": str(path), "levels": levels, "most": most})


def big_endian(path, to):
    """A classic little-endian TIFF with every number turned round; its tiles are bytes and stay."""
    data = bytearray(path.read_bytes())
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 7: 1, 12: 8}

    def turn(at, size, count=1):
        for i in range(count):
            data[at + i * size : at + (i + 1) * size] = bytes(reversed(data[at + i * size : at + (i + 1) * size]))

    data[0:2] = b"MM"
    at = struct.unpack_from("<I", data, 4)[0]
    turn(2, 2), turn(4, 4)
    while at:
        count = struct.unpack_from("<H", data, at)[0]
        turn(at, 2)
        for i in range(count):
            entry = at + 2 + 12 * i
            tag, kind, values = struct.unpack_from("<HHI", data, entry)
            size = sizes[kind]
            total = values * (2 if kind == 5 else 1)
            where = entry + 8 if total * size <= 4 else struct.unpack_from("<I", data, entry + 8)[0]
            turn(where, size, total)
            if where != entry + 8:
                turn(entry + 8, 4)
            turn(entry, 2), turn(entry + 2, 2), turn(entry + 4, 4)
        after = at + 2 + 12 * count
        at = struct.unpack_from("<I", data, after)[0]
        turn(after, 4)
    to.write_bytes(data)


tell(shared / "tcga-cr-7395-01a-01-ts1.svs", 1)
tell(shared / "derived/cmu-crop-jp2k-33003.svs", 1)

slide = openslide.OpenSlide(str(shared / "CMU-1-Small-Region.svs"))
image = pyvips.Image.new_from_array(np.ascontiguousarray(rgb(slide, 0)[1000:2101, 300:1601]))
jpeg = {"compression": "jpeg", "Q": 80}
for name, options in {
    "256-420.tif": {**jpeg, "tile_width": 256, "tile_height": 256},
    "512-444.tif": {"compression": "jpeg", "Q": 95, "tile_width": 512, "tile_height": 512},
    "bigtiff-512-420.tif": {**jpeg, "tile_width": 512, "tile_height": 512, "bigtiff": True},
    "subifd-256.tif": {**jpeg, "tile_width": 256, "tile_height": 256, "subifd": True},
    "lzw.tif": {"compression": "lzw", "predictor": "horizontal", "tile_width": 256, "tile_height": 256},
    "deflate.tif": {"compression": "deflate", "tile_width": 256, "tile_height": 256},
}.items():
    path = out / name
    image.tiffsave(str(path), tile=True, pyramid=True, **options)
    if name == "256-420.tif":
        big_endian(path, out / "big-endian.tif")
        tell(out / "big-endian.tif", 0)
    tell(path, 0, subifd="subifd" in name)

versions = {"openslide": openslide.__library_version__, "libvips": ".".join(str(pyvips.version(i)) for i in range(3))}
(out / "what.json").write_text(json.dumps({"madeWith": versions, "slides": told}))
