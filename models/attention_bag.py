"""python models/attention_bag.py: writes models/goldens/attention-bag.{bin.gz,json}, a bag and what PyTorch says of it.

src/analysis compares the browser's attention with these (1e-4, in any order of patches). The features are mixed of the
golden ones, seeded; the weights are those of the shipped attention-crc, read back from its ONNX file, so the numbers
change with it. The bag holds ties (rows 0 to 7 are one patch) and rows beyond training's (the last four: three scaled
by up to 3, one of zeros).
"""

import gzip
import json
from pathlib import Path

import numpy as np
import torch

from eosin_models.attention import attend, pool
from eosin_models.committee import MemberOps, mean_of
from eosin_models.rows_graph import attention_weights
from eosin_models.sources import PROJECT

ROWS = 160
FOLDER = Path(__file__).parent / "goldens"
MODEL = PROJECT / "public" / "models" / "attention-crc"


def bag(known: np.ndarray) -> np.ndarray:
    """Mixtures of the model's golden features [n, channels], which are real ones of phantom patches."""
    random = np.random.default_rng(13)
    mixed = random.dirichlet(np.full(len(known), 0.3), ROWS) @ known
    features = np.abs(mixed + random.normal(0, 0.1, mixed.shape) * known.std(axis=0))
    features[:8] = features[0]
    features[-4:] *= np.array([[1.5], [2.0], [3.0], [0.0]])
    return (np.round(features * 256) / 256).astype(np.float32)  # coarse, so that the file stays small


def main() -> None:
    manifest = json.loads((MODEL / "model.json").read_text())
    golden = np.frombuffer((MODEL / manifest["golden"]["features"]).read_bytes(), np.float32)
    features = bag(golden.reshape(-1, manifest["input"]["channels"]))
    weights = {name: torch.from_numpy(value.copy()) for name, value in attention_weights(MODEL / "model.onnx").items()}
    with torch.no_grad():
        attended = mean_of(attend(MemberOps(weights), torch.from_numpy(features)))
        slide = pool(attended).softmax(0)
    described = {
        "model": manifest["id"],
        "sha256": manifest["sha256"],
        "rows": ROWS,
        "channels": features.shape[1],
        "attention": attended.attention.flatten().tolist(),
        "patch": attended.patch.flatten().tolist(),
        "prediction": slide.flatten().tolist(),
        "torch": torch.__version__,
    }
    (FOLDER / "attention-bag.json").write_text(json.dumps(described) + "\n")
    (FOLDER / "attention-bag.bin.gz").write_bytes(gzip.compress(features.tobytes(), mtime=0))
    print(f"{ROWS} rows; attention {min(described['attention']):.3f} to {max(described['attention']):.3f}; {slide.tolist()}")


if __name__ == "__main__":
    main()
