"""The network, described once against `Ops` and read by three interpreters: one lists its parameters and cost
(here), one runs it in PyTorch (network.py), one writes ONNX (graph.py). So the three cannot drift apart.

A ResNet-18 encoder to layer3 without batch norm (folded into the ImageNet weights it starts from), a nuclei decoder
that writes at half the input's pixel by pixel shuffle, and a gland decoder with a wider context that glands, lumina
and tissue share. Plain convolutions, explicit padding, channels in multiples of 16 (8 in the tests' sibling).
"""

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from .classes import NUCLEI, TISSUE

T = TypeVar("T")


@dataclass(frozen=True)
class Shape:
    """Widths of every stage. The defaults are cerberus-lite; SIBLING is small enough for a software GPU."""

    stem: int = 64
    stages: tuple[int, int, int] = (64, 128, 256)
    blocks: int = 2
    neck: int = 64
    fine: int = 32
    glands: int = 32
    context: int = 128
    head: int = 16
    tissue_pool: int = 4

    @property
    def tissue_stride(self) -> int:
        return 16 * self.tissue_pool

    @property
    def features(self) -> int:
        return self.fine + self.glands


CERBERUS_LITE = Shape()
SIBLING = Shape(stem=8, stages=(8, 8, 8), blocks=1, neck=8, fine=4, glands=8, context=4, head=8, tissue_pool=2)


class Ops(Protocol[T]):
    def conv(self, x: T, name: str, out: int, kernel: int, stride: int = 1, relu: bool = True) -> T: ...
    def same_conv(
        self, x: T, name: str, out: int, kernel: int, stride: int = 1, depthwise: bool = False, relu6: bool = True
    ) -> T: ...
    def relu(self, x: T) -> T: ...
    def add(self, a: T, b: T) -> T: ...
    def channels(self, x: T, start: int, stop: int) -> T: ...
    def max_pool(self, x: T) -> T: ...
    def mean_pool(self, x: T, size: int) -> T: ...
    def upsample(self, x: T) -> T: ...
    def shuffle(self, x: T, factor: int) -> T: ...
    def scale(self, x: T, name: str) -> T: ...
    def concat(self, parts: list[T]) -> T: ...


@dataclass(frozen=True)
class Taps(Generic[T]):
    """Encoder outputs by stride."""

    image: T
    s2: T
    s4: T
    s8: T
    s16: T


@dataclass(frozen=True)
class NucleiLogits(Generic[T]):
    nuclei: T  # 3 channels (background, inner, contour) at half the input's pixel
    types: T  # 4 channels at stride 2
    features: T


@dataclass(frozen=True)
class GlandLogits(Generic[T]):
    glands: T  # 3 channels at stride 2
    lumina: T  # 3 channels at stride 2
    tissue: T  # one channel a class at the tissue stride
    features: T


def encode(ops: Ops[T], image: T, shape: Shape) -> Taps[T]:
    s2 = ops.conv(image, "encoder.stem", shape.stem, 7, 2)
    x = ops.max_pool(s2)
    taps = []
    for stage, width in enumerate(shape.stages, start=1):
        for block in range(shape.blocks):
            stride = 2 if stage > 1 and block == 0 else 1
            name = f"encoder.layer{stage}.{block}"
            y = ops.conv(x, f"{name}.conv1", width, 3, stride)
            y = ops.conv(y, f"{name}.conv2", width, 3, relu=False)
            short = ops.conv(x, f"{name}.downsample", width, 1, stride, relu=False) if stride > 1 else x
            x = ops.relu(ops.add(y, short))
        taps.append(x)
    return Taps(image, s2, taps[0], taps[1], taps[2])


def _merge(ops: Ops[T], name: str, coarse: T, skip: T, width: int) -> T:
    """Coarser features up by two, plus the encoder's own at this stride."""
    up = ops.upsample(ops.conv(coarse, f"{name}.up", width, 1, relu=False))
    return ops.relu(ops.add(up, ops.conv(skip, f"{name}.skip", width, 1, relu=False)))


def nuclei_branch(ops: Ops[T], taps: Taps[T], shape: Shape) -> NucleiLogits[T]:
    x = ops.conv(_merge(ops, "nuclei.s8", taps.s16, taps.s8, shape.neck), "nuclei.s8.conv", shape.neck, 3)
    x = ops.conv(_merge(ops, "nuclei.s4", x, taps.s4, shape.neck), "nuclei.s4.conv", shape.neck, 3)
    features = ops.conv(x, "nuclei.s2.up", shape.fine, 1)
    skip = ops.conv(taps.s2, "nuclei.s2.skip", shape.fine, 1, relu=False)
    # The stem's 7x7 filters blur; sixteen input pixels read by 4x4 filters bring back what the finer output needs.
    detail = ops.conv(taps.image, "nuclei.detail", shape.fine, 4, 2, relu=False)
    x = ops.relu(ops.add(ops.upsample(features), ops.add(skip, detail)))
    x = ops.conv(x, "nuclei.s2.conv", shape.fine, 3)
    nuclei = ops.shuffle(ops.conv(x, "nuclei.head", 48, 1, relu=False), 4)
    types = ops.channels(ops.conv(x, "types.head", shape.head, 1, relu=False), 0, len(NUCLEI))
    return NucleiLogits(nuclei, types, features)


def gland_branch(ops: Ops[T], taps: Taps[T], shape: Shape) -> GlandLogits[T]:
    wide = ops.conv(taps.s16, "glands.s32.down", shape.context, 3, 2)
    wide = ops.conv(wide, "glands.s32.conv", shape.context, 3)
    x16 = _merge(ops, "glands.s16", wide, taps.s16, shape.neck)
    x = ops.conv(_merge(ops, "glands.s8", x16, taps.s8, shape.neck), "glands.s8.conv", shape.neck, 3)
    x = ops.conv(_merge(ops, "glands.s4", x, taps.s4, shape.glands), "glands.s4.conv", shape.glands, 3)
    maps = ops.shuffle(ops.conv(x, "glands.head", 32, 1, relu=False), 2)
    tissue = ops.conv(ops.mean_pool(x16, shape.tissue_pool), "tissue.hidden", shape.neck, 1)
    tissue = ops.channels(ops.conv(tissue, "tissue.head", shape.head, 1, relu=False), 0, len(TISSUE))
    return GlandLogits(ops.channels(maps, 0, 3), ops.channels(maps, 3, 6), tissue, x)


@dataclass(frozen=True)
class ConvSpec:
    inputs: int
    outputs: int
    kernel: int

    @property
    def parameters(self) -> int:
        return self.outputs * (self.inputs * self.kernel**2 + 1)


@dataclass(frozen=True)
class Wire:
    """What a tensor is before any number exists: channels, and input pixels a cell's side."""

    channels: int
    stride: float


def same_padding(kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's 'same' before and after, for sides that the stride divides: uneven where the stride is 2."""
    before = (kernel - stride) // 2
    return before, kernel - stride - before


@dataclass
class ListingOps:
    """Interprets the description into parameter shapes and floating-point operations (2 a multiply-add)."""

    convs: dict[str, ConvSpec] = field(default_factory=dict)
    scales: dict[str, int] = field(default_factory=dict)  # name -> channels of a factor and a shift each
    flop_per_pixel: float = 0.0

    def conv(self, x: Wire, name: str, out: int, kernel: int, stride: int = 1, relu: bool = True) -> Wire:
        if name in self.convs:
            raise ValueError(f"two convolutions are called {name}")
        self.convs[name] = ConvSpec(x.channels, out, kernel)
        to = x.stride * stride
        self.flop_per_pixel += 2 * x.channels * out * kernel**2 / to**2
        return Wire(out, to)

    def same_conv(
        self, x: Wire, name: str, out: int, kernel: int, stride: int = 1, depthwise: bool = False, relu6: bool = True
    ) -> Wire:
        inputs = 1 if depthwise else x.channels
        return self.conv(Wire(inputs, x.stride), name, out, kernel, stride)

    def relu(self, x: Wire) -> Wire:
        return x

    def add(self, a: Wire, b: Wire) -> Wire:
        if a != b:
            raise ValueError(f"cannot add {a} and {b}")
        return a

    def channels(self, x: Wire, start: int, stop: int) -> Wire:
        return Wire(stop - start, x.stride)

    def max_pool(self, x: Wire) -> Wire:
        return Wire(x.channels, x.stride * 2)

    def mean_pool(self, x: Wire, size: int) -> Wire:
        return Wire(x.channels, x.stride * size)

    def upsample(self, x: Wire) -> Wire:
        return Wire(x.channels, x.stride / 2)

    def shuffle(self, x: Wire, factor: int) -> Wire:
        return Wire(x.channels // factor**2, x.stride / factor)

    def scale(self, x: Wire, name: str) -> Wire:
        self.scales[name] = x.channels
        return x

    def concat(self, parts: list[Wire]) -> Wire:
        return Wire(sum(part.channels for part in parts), parts[0].stride)


def listing(shape: Shape) -> ListingOps:
    ops = ListingOps()
    taps = encode(ops, Wire(3, 1), shape)
    nuclei_branch(ops, taps, shape)
    gland_branch(ops, taps, shape)
    return ops


def parameter_count(shape: Shape) -> int:
    return sum(spec.parameters for spec in listing(shape).convs.values())


def gflop_per_megapixel(shape: Shape) -> float:
    """Cost of 1024 x 1024 input pixels in GFLOP; convolutions only, 2 a multiply-add."""
    return listing(shape).flop_per_pixel * 1024**2 / 1e9
