"""python models/learn_goldens.py: writes models/goldens/learn/*, what NumPy and PyTorch make of seeded features.

src/learn compares with these: linear CKA, plain and debiased (within 1e-5), principal components, and the attention
network trained step by step from the same weights on the same bags in the same order (AUC within .01).
"""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from eosin_models.attention import AttentionNetwork
from eosin_models.classification import auc

FOLDER = Path(__file__).parent / "goldens" / "learn"


def coarse(values: np.ndarray) -> np.ndarray:
    """Exact in few bits, so that the files stay small and both sides read the same."""
    return (np.round(values * 64) / 64).astype(np.float32)


def store(name: str, values: np.ndarray) -> None:
    (FOLDER / f"{name}.bin.gz").write_bytes(gzip.compress(np.ascontiguousarray(values, "<f4").tobytes(), mtime=0))


def linear_cka(x: np.ndarray, y: np.ndarray) -> float:
    """Kornblith et al. 2019, equation of section 3, by patches: from centred Gram matrices, which src/learn never makes."""
    n = len(x)
    centre = np.eye(n) - 1 / n
    k, m = centre @ (x @ x.T) @ centre, centre @ (y @ y.T) @ centre
    return float((k * m).sum() / np.sqrt((k * k).sum() * (m * m).sum()))


def unbiased_hsic(k: np.ndarray, m: np.ndarray) -> float:
    """Song et al. 2012, equation 5."""
    n = len(k)
    k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
    mixed = (k @ m).sum()
    return float(((k * m).sum() + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * mixed / (n - 2)) / (n * (n - 3)))


def debiased_cka(x: np.ndarray, y: np.ndarray) -> float:
    k, m = x @ x.T, y @ y.T
    return unbiased_hsic(k, m) / float(np.sqrt(unbiased_hsic(k, k) * unbiased_hsic(m, m)))


def similarity(random: np.random.Generator) -> dict[str, object]:
    """Three sets of 300 patches: b is a in part, c is noise."""
    n, widths = 300, (24, 40, 16)
    a = random.normal(size=(n, widths[0])) * random.uniform(0.1, 5, widths[0]) + random.uniform(-20, 20, widths[0])
    b = a @ random.normal(size=(widths[0], widths[1])) / 5 + 4 * random.normal(size=(n, widths[1]))
    c = random.normal(size=(n, widths[2])) + 100
    sets = [coarse(x) for x in (a, b, c)]
    store("cka", np.concatenate([x.ravel() for x in sets]))
    double = [x.astype(np.float64) for x in sets]
    table = {
        name: [[how(x, y) for y in double] for x in double] for name, how in (("plain", linear_cka), ("debiased", debiased_cka))
    }
    centred = double[0] - double[0].mean(axis=0)
    _, values, vectors = np.linalg.svd(centred, full_matrices=False)
    return {
        "rows": n,
        "widths": widths,
        **table,
        "components": vectors[:3].tolist(),
        "share": (values[:3] ** 2 / (values**2).sum()).tolist(),
    }


def bags(random: np.random.Generator, count: int, cols: int) -> tuple[list[np.ndarray], list[int]]:
    """Every other bag holds a few patches that lie along one direction."""
    direction = random.normal(size=cols)
    out, labels = [], []
    for index in range(count):
        patches = random.normal(size=(int(random.integers(12, 32)), cols))
        if index % 2:
            few = random.choice(len(patches), 3, replace=False)
            patches[few] += direction * 0.75
        out.append(coarse(patches * 3 + 10))
        labels.append(index % 2)
    return out, labels


def attention(random: np.random.Generator) -> dict[str, object]:
    cols, learnt, epochs, rate, decay = 12, 40, 8, 1e-3, 1e-2
    all_bags, labels = bags(random, 100, cols)
    store("bags", np.concatenate([bag.ravel() for bag in all_bags]))
    known = torch.from_numpy(np.concatenate(all_bags[:learnt]))
    mean, deviation = known.double().mean(0).float(), known.double().std(0, correction=0).float()
    network = AttentionNetwork(mean, deviation, seed=4)
    names = list(network.named())
    store("attention-start", np.concatenate([network.named()[name].detach().numpy().ravel() for name in names]))
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    orders = []
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - epoch / epochs)
        order = random.permutation(learnt)
        orders.append(order.tolist())
        for index in order:
            logits = network.slide(torch.from_numpy(all_bags[index]))
            loss = F.cross_entropy(logits[None], torch.tensor([labels[index]]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        logits = np.stack([network.slide(torch.from_numpy(bag)).numpy() for bag in all_bags[learnt:]])
    score = auc(np.array(labels[learnt:]) == 1, logits[:, 1] - logits[:, 0])
    return {
        "cols": cols,
        "learnt": learnt,
        "rate": rate,
        "decay": decay,
        "rows": [len(bag) for bag in all_bags],
        "labels": labels,
        "orders": orders,
        "tensors": {name: list(network.named()[name].shape) for name in names},
        "logits": logits.tolist(),
        "auc": score,
    }


def main() -> None:
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(17)
    found = {"similarity": similarity(random), "attention": attention(random)}
    described = found | {"numpy": np.__version__, "torch": torch.__version__}
    (FOLDER / "goldens.json").write_text(json.dumps(described) + "\n")
    print(json.dumps({key: found["similarity"][key] for key in ("plain", "debiased", "share")}))
    print("AUC", found["attention"]["auc"])


if __name__ == "__main__":
    main()
