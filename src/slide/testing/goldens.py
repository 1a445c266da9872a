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
    kept = {k: v for k, v in slide.properties.items() if k in KEYS or k.startswith("aperio.")}
    return {"levels": levels, "properties": kept, "associated": sorted(slide.associated_images)}


root = Path(sys.argv[1])
made_with = {"openslide": openslide.__library_version__, "openslide-python": openslide.__version__}
json.dump({"madeWith": made_with, "slides": {name: golden(root / name) for name in FILES}}, sys.stdout, indent=1)
print()
