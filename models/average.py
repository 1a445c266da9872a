"""python models/average.py --out FILE WEIGHTS WEIGHTS [...]: the mean of networks of one architecture, weight by weight.

Of stages that went on from one another the mean errs less than either (Wortsman et al. 2022, model soups).
"""

import argparse
from pathlib import Path

import numpy as np


def mean_of(files: list[Path]) -> dict[str, np.ndarray]:
    """Float16, as weights.npz is kept. A later file may hold one decoder alone: all else is then the first's.

    Fails where a file has a name or shape that the first has not.
    """
    first, *others = [np.load(file) for file in files]
    for file, network in zip(files[1:], others, strict=True):
        if any(n not in first.files or network[n].shape != first[n].shape for n in network.files):
            raise ValueError(f"{file} is of another architecture than {files[0]}")
    holding = {n: [first, *(network for network in others if n in network.files)] for n in first.files}
    return {n: np.mean([network[n].astype(np.float32) for network in held], axis=0).astype(np.float16) for n, held in holding.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    np.savez(given.out, **mean_of(given.weights))


if __name__ == "__main__":
    main()
