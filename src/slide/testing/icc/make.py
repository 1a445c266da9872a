"""Colour profiles as scanners write them, and what littleCMS makes of colours by them, for colour-transform.test.ts.

pip install pillow==12.0.0 numpy   (any Pillow with littleCMS 2.12 or later)
python src/slide/testing/icc/make.py

The profiles are invented: no scanner's own is at hand. Colours are linearised, mixed across channels, bent a little in
hue, and taken to the connection space; each file stores that in another of the ways that the format has.
"""
import io
import json
import struct
from base64 import b64encode
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageCms, features

HERE = Path(__file__).resolve().parent
D50 = np.array([0.9642, 1.0, 0.8249])
WIDE = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])  # rgb to XYZ
NEAR = np.array([[0.4861, 0.3351, 0.143], [0.272, 0.668, 0.06], [0.034, 0.107, 0.6839]])


def fixed(value):
    return struct.pack(">i", round(value * 65536))


def curve_table(values):
    return b"curv\0\0\0\0" + struct.pack(">I", len(values)) + np.round(np.clip(values, 0, 1) * 65535).astype(">u2").tobytes()


def curve_gamma(gamma):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def curve_para(form, *parameters):
    return b"para\0\0\0\0" + struct.pack(">HH", form, 0) + b"".join(map(fixed, parameters))


def xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))


def desc(text):
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text.encode() + b"\0" * 80


def mluc(text):
    letters = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(letters), 28) + letters


def padded(block):
    return block + b"\0" * (-len(block) % 4)


def profile(version, pcs, intent, tags):
    tags = {"wtpt": xyz(D50), "cprt": b"text\0\0\0\0CC0\0", **tags}
    at = 132 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, block in tags.items():
        table += name.encode() + struct.pack(">II", at + len(body), len(block))
        body += padded(block)
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"\0" * 4, version << 24, b"scnr", b"RGB ", pcs.ljust(4).encode())
    head += struct.pack(">6H", 2026, 11, 26, 0, 0, 0) + b"acsp" + b"\0" * 24 + struct.pack(">I", intent) + b"".join(map(fixed, D50))
    return head.ljust(128, b"\0") + table + body


def scanned(rgb):
    """XYZ of linear light, white to white: channels spill over, and greens turn a little with their strength."""
    twist = 0.06 * (rgb[..., 1] - rgb[..., 0])[..., None] * np.array([1, -0.4, 0.7]) * rgb[..., 2:3]
    return (0.004 + 0.996 * (rgb @ NEAR.T)) * (1 + 0 * twist) + twist * rgb * 0.5


def lab_of(xyz_values):
    share = np.clip(xyz_values / D50, 0, None)
    root = np.where(share > (24 / 116) ** 3, np.cbrt(share), share * 841 / 108 + 16 / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def grid_of(steps):
    axes = [np.linspace(0, 1, n) for n in steps]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1)


def lab_shares(lab, scale=1.0):
    return np.clip(np.stack([lab[..., 0] / 100, (lab[..., 1] + 128) / 255, (lab[..., 2] + 128) / 255], -1) * scale, 0, 1)


def tables(depth, steps, to_pcs, bend, ends=None):
    """'mft1' or 'mft2': channels bent by a power, the grid, results bent by `ends` (a power that the grid undoes)."""
    most, kind = (255, ">u1") if depth == 1 else (65535, ">u2")
    entries, exits = (256, 256) if depth == 1 else (1024, 1024 if ends else 2)
    words = lambda values: np.round(np.clip(values, 0, 1) * most).astype(kind).tobytes()
    nodes = to_pcs(grid_of((steps,) * 3))
    if ends:
        nodes = nodes ** (1 / ends)
    head = (b"mft1" if depth == 1 else b"mft2") + b"\0" * 4 + bytes([3, 3, steps, 0])
    head += b"".join(map(fixed, np.eye(3).ravel()))
    if depth == 2:
        head += struct.pack(">HH", entries, exits)
    ins = words(np.linspace(0, 1, entries) ** bend) * 3
    return head + ins + words(nodes) + words(np.linspace(0, 1, exits) ** (ends or 1)) * 3


def process(steps, grid, a, m, matrix, b):
    """'mAB ' with all its parts."""
    out = b"mAB \0\0\0\0" + bytes([3, 3, 0, 0])
    parts, at, places = [], 32, []
    for block in (b, matrix, m, grid, a):
        places.append(at if block else 0)
        parts.append(padded(block))
        at += len(parts[-1])
    return out + struct.pack(">5I", *places) + b"".join(parts)


def profiles():
    linear = np.linspace(0, 1, 1024)
    yield "matrix-2", profile(
        2, "XYZ", 0,
        {"desc": desc("Wide primaries, gamma by table"), "rXYZ": xyz(WIDE[:, 0]), "gXYZ": xyz(WIDE[:, 1]), "bXYZ": xyz(WIDE[:, 2]),
         "rTRC": curve_table(linear**1.8), "gTRC": curve_table(0.01 + 0.99 * linear**2.0), "bTRC": curve_gamma(2.2)},
    )  # fmt: skip
    yield "matrix-4", profile(
        4, "XYZ", 1,
        {"desc": mluc("Parametric curves, µ"), "rXYZ": xyz(NEAR[:, 0]), "gXYZ": xyz(NEAR[:, 1]), "bXYZ": xyz(NEAR[:, 2]),
         "rTRC": curve_para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045), "gTRC": curve_para(0, 2.1),
         "bTRC": curve_para(4, 2.2, 0.95, 0.05, 0.4, 0.03, 0.0, 0.0)},
    )  # fmt: skip
    yield "linear-light", profile(
        2, "XYZ", 1,
        {"desc": desc("Linear light"), "rXYZ": xyz(NEAR[:, 0]), "gXYZ": xyz(NEAR[:, 1]), "bXYZ": xyz(NEAR[:, 2]),
         "rTRC": curve_gamma(1.0), "gTRC": curve_table([]), "bTRC": curve_table([0, 1])},
    )  # fmt: skip
    yield "table-8", profile(2, "Lab", 1, {"desc": desc("8 bits"), "A2B0": tables(1, 9, lambda g: lab_shares(lab_of(scanned(g**2))), 1.1)})
    yield "table-16", profile(
        2, "Lab", 0, {"desc": desc("16 bits"), "A2B0": tables(2, 17, lambda g: lab_shares(lab_of(scanned(g**1.8)), 65280 / 65535), 1.2)}
    )
    yield "table-16-ends", profile(
        2, "Lab", 1,
        {"desc": desc("16 bits, bent results"), "A2B0": tables(2, 9, lambda g: lab_shares(lab_of(scanned(g**2)), 65280 / 65535), 1.1, 1.3)},
    )  # fmt: skip
    yield "table-16-xyz", profile(
        2, "XYZ", 1, {"desc": desc("16 bits, XYZ"), "A2B0": tables(2, 9, lambda g: scanned(g) * 32768 / 65535, 2.2)}
    )
    steps = (9, 11, 7)
    nodes = lab_shares(lab_of(scanned(grid_of(steps) ** 2)))
    turn = np.array([[0.9, 0.05, 0.0], [0.02, 0.96, 0.01], [0.0, 0.03, 0.94]])
    plus = np.array([0.01, 0.005, 0.012])
    before = np.clip(np.linalg.solve(turn, (nodes ** (1 / 1.1) - plus).reshape(-1, 3).T).T, 0, 1) ** (1 / 1.2)
    clut = bytes(steps) + b"\0" * 13 + bytes([2]) + b"\0" * 3 + np.round(before * 65535).astype(">u2").tobytes()
    yield "process", profile(
        4, "Lab", 0,
        {"desc": mluc("All parts"),
         "A2B0": process(steps, clut, padded(curve_para(0, 1.1)) * 3, padded(curve_gamma(1.2)) * 3,
                         b"".join(map(fixed, [*turn.ravel(), *plus])), padded(curve_gamma(1.1)) * 3)},
    )  # fmt: skip


def colours():
    """[1,064 × 3]: corners, greys, and 1,024 more that the test makes alike."""
    corners = [[255 * (k >> 2 & 1), 255 * (k >> 1 & 1), 255 * (k & 1)] for k in range(8)]
    greys = [[k * 8] * 3 for k in range(32)]
    mixed = [(k * 2654435761) % 2**32 for k in range(1, 1025)]
    return np.array(corners + greys + [[h >> 24, h >> 16 & 255, h >> 8 & 255] for h in mixed], np.uint8)


def main():
    pixels = colours()
    picture = Image.fromarray(pixels[None])
    goldens = {}
    for name, data in profiles():
        (HERE / f"{name}.icc").write_bytes(data)
        own = ImageCms.ImageCmsProfile(io.BytesIO(data))
        intent = own.profile.rendering_intent
        made = []
        for flags in (ImageCms.Flags.NOOPTIMIZE, ImageCms.Flags(0)):
            turn = ImageCms.buildTransform(own, ImageCms.createProfile("sRGB"), "RGB", "RGB", intent, flags)
            made.append(np.asarray(ImageCms.applyTransform(picture, turn))[0])
        off = int(np.abs(made[0].astype(int) - made[1]).max())
        print(f"{name}: {len(data)} bytes, littleCMS by default differs from itself without short cuts by {off}")
        goldens[name] = b64encode(made[0].tobytes()).decode()
    with_ = {"pillow": PIL.__version__, "littlecms": features.version("littlecms2")}
    (HERE / "goldens.json").write_text(json.dumps({"madeWith": with_, "profiles": goldens}, indent=2) + "\n")


main()
