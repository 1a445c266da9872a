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
]
KEYS = ("openslide.vendor", "openslide.mpp-x", "openslide.mpp-y", "openslide.objective-power")


def golden(path):
    slide = openslide.OpenSlide(str(path))
    levels = []
    for level, size in enumerate(slide.level_dimensions):
        rgba = np.asarray(slide.read_region((0, 0), level, size))
        assert (rgba[..., 3] == 255).all()
        levels.append({"size": list(size), "sha256": hashlib.sha256(rgba.tobytes()).hexdigest()})
    kept = {k: v for k, v in slide.properties.items() if k in KEYS or k.startswith("aperio.")}
    return {"levels": levels, "properties": kept, "associated": sorted(slide.associated_images)}


root = Path(sys.argv[1])
made_with = {"openslide": openslide.__library_version__, "openslide-python": openslide.__version__}
json.dump({"madeWith": made_with, "slides": {name: golden(root / name) for name in FILES}}, sys.stdout, indent=1)
print()
