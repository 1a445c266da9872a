"""python models/average.py --out FILE WEIGHTS WEIGHTS [...]: the mean of networks of one architecture, weight by weight.

Of stages that went on from one another the mean errs less than either (Wortsman et al. 2022, model soups).
"""

import argparse
from pathlib import Path

import numpy as np


def mean_of(files: list[Path]) -> dict[str, np.ndarray]:
    """Float16, as weights.npz is kept. Fails unless all have the same names and shapes."""
    networks = [np.load(file) for file in files]
    names = networks[0].files
    for file, network in zip(files, networks, strict=True):
        if network.files != names or any(network[n].shape != networks[0][n].shape for n in names):
            raise ValueError(f"{file} is of another architecture than {files[0]}")
    return {n: np.mean([network[n].astype(np.float32) for network in networks], axis=0).astype(np.float16) for n in names}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    np.savez(given.out, **mean_of(given.weights))


if __name__ == "__main__":
    main()
