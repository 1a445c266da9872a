"""Published checkpoints, given as files: torchvision's and SimCLR's (Ciga et al., `tenpercent`), read key by key.

Only tensors are read (weights_only); a pickle that holds anything else is refused by PyTorch.
"""

import hashlib
import re
from pathlib import Path

import torch
from torch import Tensor

from .encoder_network import Weights
from .encoders import Encoder
from .folding import expected_keys, fold

_PREFIXES = ("module.", "model.", "resnet.")
_HEADS = ("fc.", "classifier.", "_conv_head.", "_bn1.", "_fc.")
# torchvision's DenseNet files still say norm.1 and conv.2 where its code says norm1 and conv2.
_OLD_DENSE = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")


def check_hash(file: Path) -> str:
    """SHA-256 of the file; fails unless it begins with the eight digits that end torchvision's file name."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    named = re.search(r"-([0-9a-f]{8})$", file.stem)
    if named is None:
        raise ValueError(f"{file.name} does not end in the eight digits of its hash")
    if not digest.startswith(named[1]):
        raise ValueError(f"{file.name} is not what its name says: its SHA-256 begins with {digest[:8]}")
    return digest


def read_state(file: Path) -> dict[str, Tensor]:
    loaded = torch.load(file, map_location="cpu", weights_only=True)
    loaded = loaded.get("state_dict", loaded)
    state: dict[str, Tensor] = {}
    for key, value in loaded.items():
        while key.startswith(_PREFIXES):
            key = key.split(".", 1)[1]
        state[_OLD_DENSE.sub(r"\1\2.", key)] = value
    return state


def encoder_of(shape: Encoder, state: dict[str, Tensor]) -> Weights:
    """Fails when any key but the head's is missing or left over: nothing may silently stay random."""
    wanted = expected_keys(shape)
    given = {key for key in state if not key.startswith(_HEADS) and not key.endswith("num_batches_tracked")}
    missing, left = sorted(wanted - given), sorted(given - wanted)
    if missing or left:
        raise ValueError(f"the checkpoint does not fit: missing {missing[:4]}, left over {left[:4]}")
    return fold(shape, state)
