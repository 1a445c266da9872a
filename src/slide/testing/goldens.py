"""Hashes of what OpenSlide reads, for slides.test.ts.

pip install openslide-python openslide-bin numpy
python src/slide/testing/goldens.py ../shared/slides > src/slide/testing/goldens.json
"""
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import openslide

FILES = [
    "CMU-1-Small-Region.svs",
    "openslide-boxes.tiff",
    "derived/cmu-pyramid-jpeg-ycbcr.tif",
    "derived/cmu-bigtiff-pyramid-jpeg.tif",
    "derived/cmu-crop-pyramid-lzw-predictor.tif",
    "derived/cmu-crop-bigtiff-bigendian-deflate.tif",
    "derived/cmu-subifd.ome.tif",
    "camelyon-jpeg2000.dcm",
    "highdicom-sm-image.dcm",
    "test3-DAPI-2-387.ndpi",
    "derived/cmu-crop-hamamatsu.ndpi",
    "derived/cmu-crop-leica.scn",
    "derived/cmu-crop-philips.tiff",
    "derived/cmu-crop-ventana.bif",
]
# Of these what they say of themselves alone: their pixels are compared elsewhere, or OpenSlide reads other ones.
ONLY_TOLD = [
    "tcga-cr-7395-01a-01-ts1.svs",
    "derived/cmu-crop-jp2k-33003.svs",
    "derived/cmu-crop-pyramid-deflate-rgba.tif",
    "derived/cmu-level1-tiled-sparse.dcm",
]
SIDES = ("x", "y", "width", "height")
KEYS = ("openslide.vendor", "openslide.mpp-x", "openslide.mpp-y", "openslide.objective-power") + tuple(
    f"openslide.bounds-{side}" for side in SIDES
)
MOST = 100_000_000  # pixels: of larger levels only the bounds are read


def golden(path):
    slide = openslide.OpenSlide(str(path))
    levels = []
    for level, size in enumerate(slide.level_dimensions):
        x, y, w, h = 0, 0, *size
        if w * h > MOST:
            x, y, w, h = (int(slide.properties[f"openslide.bounds-{side}"]) for side in SIDES)
        rgba = np.array(slide.read_region((x, y), level, (w, h)))
        assert np.isin(rgba[..., 3], (0, 255)).all()
        rgba[rgba[..., 3] == 0] = 255  # nothing was scanned there: glass
        sha256 = hashlib.sha256(rgba.tobytes()).hexdigest()
        levels.append({"size": list(size), "region": [x, y, w, h], "sha256": sha256})
    return {"levels": levels, **told(slide)}


def told(slide):
    kept = {k: v for k, v in slide.properties.items() if k in KEYS or k.startswith("aperio.")}
    return {"properties": kept, "associated": sorted(slide.associated_images)}


def told_by(path):
    slide = openslide.OpenSlide(str(path))
    return {"sizes": [list(size) for size in slide.level_dimensions], **told(slide)}


root = Path(sys.argv[1])
made_with = {"openslide": openslide.__library_version__, "openslide-python": openslide.__version__}
slides = {name: golden(root / name) for name in FILES}
told_alone = {name: told_by(root / name) for name in ONLY_TOLD}
json.dump({"madeWith": made_with, "slides": slides, "told": told_alone}, sys.stdout, indent=1)
print()
