"""python models/tiny_vit.py: writes models/goldens/tiny-vit.onnx.gz, a small vision transformer as PyTorch exports them.

The wizard's reading of shapes and taps is tested on it: sizes of patches that vary in number, token attention by one
projection, a class token, layer scale. Random weights; it has learnt nothing.
"""

import gzip
import io
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH, HEADS, DEPTH, PATCH, SIDE = 16, 2, 5, 16, 64
FILE = Path(__file__).parent / "goldens" / "tiny-vit.onnx.gz"


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)
        self.scale = nn.Parameter(torch.full((WIDTH,), 0.5))

    def forward(self, x: Tensor) -> Tensor:
        n, tokens, _ = x.shape
        qkv = self.qkv(self.before(x)).reshape(n, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        query, key, value = qkv.unbind(0)
        weights = (query * (WIDTH // HEADS) ** -0.5 @ key.transpose(-2, -1)).softmax(-1)
        x = x + self.scale * self.out((weights @ value).transpose(1, 2).reshape(n, tokens, WIDTH))
        return x + self.scale * self.down(F.gelu(self.up(self.between(x))))


class TinyVit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.first = nn.Parameter(torch.randn(1, 1, WIDTH))
        self.place = nn.Parameter(torch.randn(1, (SIDE // PATCH) ** 2 + 1, WIDTH))
        self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, image: Tensor) -> Tensor:
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(x.shape[0], -1, -1), x], 1) + self.place
        return self.norm(self.blocks(x))[:, 0]


def main() -> None:
    torch.manual_seed(5)
    network = TinyVit().eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights.copy_((weights * 64).round() / 64)  # coarse, so that the file stays small
    out = io.BytesIO()
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, SIDE, SIDE),),
        out,
        input_names=["image"],
        output_names=["features"],
        dynamic_axes={"image": {0: "n"}, "features": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    FILE.write_bytes(gzip.compress(out.getvalue(), mtime=0))
    print(f"{FILE.name}: {FILE.stat().st_size} bytes, torch {torch.__version__}")


if __name__ == "__main__":
    main()
