"""The architecture as an ONNX graph, in the form that the workbench's runtime keeps wholly on the GPU.

Weights are stored as fp16 and cast to fp32; the arithmetic is fp32. Softmax maps leave packed: three 8-bit values in
an int32 element, by Softmax, x255 + 0.5, Cast, x[1, 256, 65536], ReduceSum. Integer Slice or Add would fall back to
the CPU, so planes are put side by side while they are still float.
"""

from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from .architecture import Shape, encode, gland_branch, nuclei_branch, same_padding
from .classes import NUCLEI

OPSET = 17
IR_VERSION = 8


def missing_inputs(weight: tuple[int, ...], group: int) -> int:
    """How many channels of zeros a convolution must read besides, so that ONNX Runtime's WebGPU provider computes it as
    it is: for some channel counts 1.30 is silently wrong. `isWrongOnWebGpu` of the workbench refuses the same ones."""
    outputs, inputs, *kernel = weight
    wrong = group == 1 and max(kernel) > 1 and inputs > 3 and inputs % 3 == 0 and inputs % 4 != 0 and outputs % 4 == 0
    return -inputs % 4 if wrong else 0


@dataclass
class GraphOps:
    weights: dict[str, np.ndarray]
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)
    half: bool = True

    def node(self, kind: str, inputs: list[str], output: str | None = None, **attributes: object) -> str:
        out = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], name=f"n{len(self.nodes)}_{kind}", **attributes))
        return out

    def constant(self, name: str, value: np.ndarray) -> str:
        if all(existing.name != name for existing in self.constants):
            self.constants.append(numpy_helper.from_array(value, name))
        return name

    def _weight(self, name: str, shape: tuple[int, ...] | None = None, added: int = 0) -> str:
        """`added`: channels of zeros that a convolution reads besides."""
        value = self.weights[name] if shape is None else self.weights[name].reshape(shape)
        if added:
            value = np.pad(value, ((0, 0), (0, added), (0, 0), (0, 0)))
        if not self.half:
            return self.constant(name, value.astype(np.float32))
        return self.node("Cast", [self.constant(name, value.astype(np.float16))], to=TensorProto.FLOAT)

    def conv(self, x: str, name: str, out: int, kernel: int, stride: int = 1, relu: bool = True) -> str:
        pad = (kernel - 1) // 2
        y = self._conv(x, name, kernel, stride, (pad, pad))
        return self.relu(y) if relu else y

    def _conv(self, x: str, name: str, kernel: int, stride: int, pads: tuple[int, int], **attributes: int) -> str:
        """`pads`: before and after, along both sides."""
        added = missing_inputs(self.weights[f"{name}.weight"].shape, attributes.get("group", 1))
        if added:
            ends = self.constant(f"add_{added}", np.array([0, 0, 0, 0, 0, added, 0, 0], np.int64))
            x = self.node("Pad", [x, ends])
        return self.node(
            "Conv",
            [x, self._weight(f"{name}.weight", added=added), self._weight(f"{name}.bias")],
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[pads[0], pads[0], pads[1], pads[1]],
            **attributes,
        )

    def same_conv(
        self, x: str, name: str, out: int, kernel: int, stride: int = 1, depthwise: bool = False, relu6: bool = True
    ) -> str:
        y = self._conv(x, name, kernel, stride, same_padding(kernel, stride), group=out if depthwise else 1)
        ends = [self.constant(f"limit_{v}", np.array(v, np.float32)) for v in (0, 6)]
        return self.node("Clip", [y, *ends]) if relu6 else y

    def relu(self, x: str) -> str:
        return self.node("Relu", [x])

    def add(self, a: str, b: str) -> str:
        return self.node("Add", [a, b])

    def channels(self, x: str, start: int, stop: int) -> str:
        ends = [self.constant(f"index_{v}", np.array([v], np.int64)) for v in (start, stop, 1)]
        return self.node("Slice", [x, *ends])

    def max_pool(self, x: str) -> str:
        return self.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])

    def mean_pool(self, x: str, size: int) -> str:
        return self.node("AveragePool", [x], kernel_shape=[size, size], strides=[size, size], pads=[0, 0, 0, 0])

    def upsample(self, x: str) -> str:
        scales = self.constant("twice", np.array([1, 1, 2, 2], np.float32))
        return self.node("Resize", [x, "", scales], mode="linear", coordinate_transformation_mode="half_pixel")

    def shuffle(self, x: str, factor: int) -> str:
        return self.node("DepthToSpace", [x], blocksize=factor, mode="CRD")

    def scale(self, x: str, name: str) -> str:
        factor, shift = (self._weight(f"{name}.{part}", (1, -1, 1, 1)) for part in ("weight", "bias"))
        return self.add(self.node("Mul", [x, factor]), shift)

    def concat(self, parts: list[str]) -> str:
        return self.node("Concat", parts, axis=1)

    def softmax(self, x: str, output: str | None = None) -> str:
        return self.node("Softmax", [x], output, axis=1)

    def packed(self, planes: list[str], output: str) -> str:
        """Probabilities, three channels a plane -> int32 [n, planes, h, w]."""
        axis = self.constant("plane_axis", np.array([1], np.int64))
        parts = [self.node("Unsqueeze", [plane, axis]) for plane in planes]
        stacked = parts[0] if len(parts) == 1 else self.node("Concat", parts, axis=1)
        scaled = self.node("Mul", [stacked, self.constant("scale_255", np.array(255, np.float32))])
        rounded = self.node("Add", [scaled, self.constant("half", np.array(0.5, np.float32))])
        whole = self.node("Cast", [rounded], to=TensorProto.INT32)
        places = np.array([1, 256, 65536], np.int32).reshape(1, 1, 3, 1, 1)
        shifted = self.node("Mul", [whole, self.constant("places", places)])
        value_axis = self.constant("value_axis", np.array([2], np.int64))
        return self.node("ReduceSum", [shifted, value_axis], output, keepdims=0)


def build_graph(shape: Shape, weights: dict[str, np.ndarray], classes: int, half: bool = True) -> onnx.ModelProto:
    """`weights` by the architecture's names, float32. `half` false keeps them fp32 (for the equality test)."""
    ops = GraphOps(weights, half=half)
    taps = encode(ops, "image", shape)
    nuclei = nuclei_branch(ops, taps, shape)
    glands = gland_branch(ops, taps, shape)
    types = ops.channels(ops.softmax(nuclei.types), 0, len(NUCLEI) - 1)
    ops.packed([ops.softmax(nuclei.nuclei)], "nuclei")
    ops.packed([types, ops.softmax(glands.glands), ops.softmax(glands.lumina)], "coarse")
    ops.softmax(glands.tissue, "tissue")
    ops.node("Concat", [nuclei.features, glands.features], "features", axis=1)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "height", "width"])
    outputs = [
        helper.make_tensor_value_info("nuclei", TensorProto.INT32, ["n", 1, "height_fine", "width_fine"]),
        helper.make_tensor_value_info("coarse", TensorProto.INT32, ["n", 3, "height_2", "width_2"]),
        helper.make_tensor_value_info("tissue", TensorProto.FLOAT, ["n", classes, "height_tissue", "width_tissue"]),
        helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", shape.features, "height_4", "width_4"]),
    ]
    graph = helper.make_graph(ops.nodes, "eosin", [image], outputs, ops.constants)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="eosin-models"
    )
    onnx.checker.check_model(model, full_check=True)
    return model
