"""python models/attention_tiles.py --out DIR: the reference of bench/attention-tiles.ts.

Bags of real patches (crc5's tiles mixed by stain group, GlaS's images by patient), the features that the shipped encoder
makes of them, and what PyTorch learns from them with a stain group and a sixth of the patients left out in turn: weights
at the start, the order of the bags, logits of those left out, in float32 as src/learn computes and in float64, which says
how far rounding alone carries some 3,000 steps. Writes features.bin (float32 [patches, width]), start-SEED.bin (all tensors,
flat) and bags.json into DIR.
"""

import argparse
import copy
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from eosin_models.attention import AttentionNetwork
from eosin_models.bags import Bag, all_patches, others, tile_bags
from eosin_models.classification import auc
from eosin_models.crc5 import GROUPS, crc5_tiles
from eosin_models.embedding import folder_embedder
from eosin_models.encoder_identity import WINDOW
from eosin_models.sources import PROJECT

EPOCHS, RATE, DECAY = 10, 1e-3, 1e-2
LEARNT, JUDGED = 160, 60  # bags of tiles a fold


def class_weights(bags: list[Bag]) -> list[float]:
    """Classes count alike; the mean weight of the bags is 1."""
    counts = [sum(bag.positive == label for bag in bags) for label in (False, True)]
    return [len(bags) / (2 * count) for count in counts]


def train(network: AttentionNetwork, table: torch.Tensor, bags: list[Bag], orders: list[list[int]]) -> None:
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    weights = class_weights(bags)
    for epoch, order in enumerate(orders):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - epoch / EPOCHS)
        for index in order:
            bag = bags[index]
            logits = network.slide(table[torch.from_numpy(bag.rows)])
            loss = weights[bag.positive] * F.cross_entropy(logits[None], torch.tensor([int(bag.positive)]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()


def trained(
    start: AttentionNetwork, table: torch.Tensor, learnt: list[Bag], out: list[Bag], orders: list[list[int]]
) -> list[list[float]]:
    """Logits of `out`, in the table's precision. `start` stays as it is."""
    network = copy.deepcopy(start).to(table.dtype)
    train(network, table, learnt, orders)
    with torch.no_grad():
        return [network.slide(table[torch.from_numpy(bag.rows)]).tolist() for bag in out]


def described(bag: Bag, kind: str) -> dict[str, object]:
    return {"rows": bag.rows.tolist(), "label": int(bag.positive), "kind": kind}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--encoder", default="resnet18-simclr")
    parser.add_argument("--block", default="block3")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.out.mkdir(parents=True, exist_ok=True)
    tiles = crc5_tiles()
    patches = all_patches(tiles, WINDOW)
    features = folder_embedder(PROJECT / "public" / "models" / given.encoder)(patches.rgb)[given.block]
    features = np.ascontiguousarray(features, "<f4")
    features.tofile(given.out / "features.bin")
    print(f"{len(features)} patches, {features.shape[1]} features, {len(patches.images)} images", flush=True)
    table = torch.from_numpy(features)
    folds, tensors = [], {}
    for fold in range(GROUPS):
        learnt = tile_bags(tiles, patches.tiles, others(fold), LEARNT, 100 + fold)
        out = tile_bags(tiles, patches.tiles, np.array([fold]), JUDGED, 1000 + fold)
        learnt += [bag for bag in patches.images if bag.fold != fold]
        images = [bag for bag in patches.images if bag.fold == fold]
        known = table[torch.from_numpy(np.concatenate([bag.rows for bag in learnt]))].double()
        mean, deviation = known.mean(0).float(), known.std(0, correction=0).float()
        runs = []
        for seed in range(1, given.seeds + 1):
            network = AttentionNetwork(mean, deviation, seed)
            tensors = {name: list(tensor.shape) for name, tensor in network.named().items()}
            start = np.concatenate([tensor.detach().numpy().ravel() for tensor in network.named().values()])
            start.astype("<f4").tofile(given.out / f"start-{seed}.bin")
            random = np.random.default_rng(10 * seed + fold)
            orders = [random.permutation(len(learnt)).tolist() for _ in range(EPOCHS)]
            said = trained(network, table, learnt, out + images, orders)
            double = trained(network, table.double(), learnt, out + images, orders)
            runs.append({"seed": seed, "orders": orders, "logits": said, "double": double})
            positive = np.array([bag.positive for bag in out])
            scores = [auc(positive, np.array([b - a for a, b in each[: len(out)]])) for each in (said, double)]
            print(f"without group {fold}, seed {seed}: AUC {scores[0]:.4f}, float64 {scores[1]:.4f}", flush=True)
        kinds = [described(bag, "tiles") for bag in out] + [described(bag, "image") for bag in images]
        learn = [described(bag, "tiles") for bag in learnt]
        folds.append({"weights": class_weights(learnt), "learn": learn, "out": kinds, "runs": runs})
    record = {
        "encoder": given.encoder,
        "block": given.block,
        "width": features.shape[1],
        "rate": RATE,
        "decay": DECAY,
        "tensors": tensors,
        "folds": folds,
        "torch": torch.__version__,
    }
    (given.out / "bags.json").write_text(json.dumps(record))


if __name__ == "__main__":
    main()
