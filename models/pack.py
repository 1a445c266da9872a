"""python models/pack.py --out FILE [--phantoms DIR] [--views]: one file of training data from ../shared and phantoms."""

import argparse
from pathlib import Path

from eosin_models.pack import write_pack
from eosin_models.view_pack import write_view_pack

LIMIT_BYTES = 30_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--phantoms", type=Path, help="what `npm run phantom -- --seeds 1000-1040 ...` wrote")
    parser.add_argument("--views", action="store_true", help="pictures to pre-train encoders on, not cerberus-lite's labels")
    given = parser.parse_args()
    counts = (write_view_pack if given.views else write_pack)(given.out, phantoms=given.phantoms)
    size = given.out.stat().st_size
    print(", ".join(f"{count} {source}" for source, count in counts.items()), f"{size / 1e6:.1f} MB")
    if size > LIMIT_BYTES:
        raise SystemExit(f"the pack is over {LIMIT_BYTES / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
