"""Encoders, described once like architecture.py and read by the same interpreters: torchvision's ResNet-18 and
DenseNet-121 and EfficientNet-Lite, in their published layer names, batch norm folded into the convolution before it.
Each gives one map a block.

DenseNet normalises before it convolves: those norms cannot be folded and stay as a factor and a shift (`scale`).
"""

from dataclasses import dataclass

from .architecture import ListingOps, Ops, T, Wire


@dataclass(frozen=True)
class ResNet:
    """Basic blocks, two a stage unless said otherwise. Fewer stages: the encoder ends earlier."""

    stem: int = 64
    stages: tuple[int, ...] = (64, 128, 256, 512)
    blocks: int = 2


@dataclass(frozen=True)
class DenseNet:
    stem: int = 64
    growth: int = 32
    widen: int = 4
    layers: tuple[int, ...] = (6, 12, 24, 16)


@dataclass(frozen=True)
class EfficientNetLite:
    """Inverted residuals: (expansion, channels, kernel, stride, repeats) a stage; `taps` are the stages that end a block."""

    stem: int = 32
    stages: tuple[tuple[int, int, int, int, int], ...] = (
        (1, 16, 3, 1, 1),
        (6, 24, 3, 2, 2),
        (6, 40, 5, 2, 2),
        (6, 80, 3, 2, 3),
        (6, 112, 5, 1, 3),
        (6, 192, 5, 2, 4),
        (6, 320, 3, 1, 1),
    )
    taps: tuple[int, ...] = (1, 2, 4, 6)


Encoder = ResNet | DenseNet | EfficientNetLite
RESNET18 = ResNet()
RESNET18_TO_BLOCK3 = ResNet(stages=(64, 128, 256))
DENSENET121 = DenseNet()
EFFICIENTNET_LITE0 = EfficientNetLite()


def _resnet(ops: Ops[T], image: T, shape: ResNet) -> list[T]:
    x = ops.max_pool(ops.conv(image, "conv1", shape.stem, 7, 2))
    maps = []
    for stage, width in enumerate(shape.stages, start=1):
        for block in range(shape.blocks):
            stride = 2 if stage > 1 and block == 0 else 1
            name = f"layer{stage}.{block}"
            y = ops.conv(x, f"{name}.conv1", width, 3, stride)
            y = ops.conv(y, f"{name}.conv2", width, 3, relu=False)
            short = ops.conv(x, f"{name}.downsample.0", width, 1, stride, relu=False) if stride > 1 else x
            x = ops.relu(ops.add(y, short))
        maps.append(x)
    return maps


def _densenet(ops: Ops[T], image: T, shape: DenseNet) -> list[T]:
    x = ops.max_pool(ops.conv(image, "features.conv0", shape.stem, 7, 2))
    channels, maps = shape.stem, []
    for stage, count in enumerate(shape.layers, start=1):
        for layer in range(1, count + 1):
            name = f"features.denseblock{stage}.denselayer{layer}"
            y = ops.relu(ops.scale(x, f"{name}.norm1"))
            y = ops.conv(y, f"{name}.conv1", shape.widen * shape.growth, 1)  # norm2 is folded into it
            x = ops.concat([x, ops.conv(y, f"{name}.conv2", shape.growth, 3, relu=False)])
        channels += count * shape.growth
        if stage == len(shape.layers):
            maps.append(ops.relu(ops.scale(x, "features.norm5")))
            break
        maps.append(x)
        y = ops.relu(ops.scale(x, f"features.transition{stage}.norm"))
        channels //= 2
        x = ops.mean_pool(ops.conv(y, f"features.transition{stage}.conv", channels, 1, relu=False), 2)
    return maps


def _efficientnet(ops: Ops[T], image: T, shape: EfficientNetLite) -> list[T]:
    x = ops.same_conv(image, "_conv_stem", shape.stem, 3, 2)
    channels, number, maps = shape.stem, 0, []
    for stage, (expand, out, kernel, first, repeats) in enumerate(shape.stages):
        for repeat in range(repeats):
            name, stride = f"_blocks.{number}", first if repeat == 0 else 1
            y = ops.same_conv(x, f"{name}._expand_conv", expand * channels, 1) if expand > 1 else x
            y = ops.same_conv(y, f"{name}._depthwise_conv", expand * channels, kernel, stride, depthwise=True)
            y = ops.same_conv(y, f"{name}._project_conv", out, 1, relu6=False)
            x = ops.add(x, y) if stride == 1 and channels == out else y
            channels, number = out, number + 1
        if stage in shape.taps:
            maps.append(x)
    return maps


def side_multiple(shape: Encoder) -> int:
    """Windows are multiples of this; 'same' padding is TensorFlow's only where every stride divides the side."""
    return 32 if isinstance(shape, EfficientNetLite) else 16


def block_maps(ops: Ops[T], image: T, shape: Encoder) -> list[T]:
    """The map after each block, shallow to deep."""
    if isinstance(shape, EfficientNetLite):
        return _efficientnet(ops, image, shape)
    return _resnet(ops, image, shape) if isinstance(shape, ResNet) else _densenet(ops, image, shape)


def encoder_listing(shape: Encoder) -> ListingOps:
    ops = ListingOps()
    block_maps(ops, Wire(3, 1), shape)
    return ops


def block_widths(shape: Encoder) -> list[int]:
    """Channels of each block's output."""
    return [wire.channels for wire in block_maps(ListingOps(), Wire(3, 1), shape)]


def block_names(shape: Encoder) -> list[str]:
    return [f"block{number}" for number in range(1, len(block_widths(shape)) + 1)]


def encoder_parameters(shape: Encoder) -> int:
    ops = encoder_listing(shape)
    return sum(spec.parameters for spec in ops.convs.values()) + 2 * sum(ops.scales.values())
