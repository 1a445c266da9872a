"""What reads rows of features, as ONNX: the committee of attention networks, and a linear head."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .attention import attend
from .encoder_graph import checked
from .graph import GraphOps


@dataclass
class GraphRowOps(GraphOps):
    def linear(self, x: str, name: str) -> str:
        bias = [self._weight(f"{name}.bias")] if f"{name}.bias" in self.weights else []
        return self.node("Gemm", [x, self._weight(f"{name}.weight"), *bias], transB=1)


@dataclass
class GraphMemberOps(GraphOps):
    """Weights [members, outputs, inputs], biases [members, outputs]: rows [n, d] or [members, n, d] to [members, n, d]."""

    def linear(self, x: str, name: str) -> str:
        weight = self.weights[f"{name}.weight"]
        turned = self.constant(f"{name}.weight", np.ascontiguousarray(weight.transpose(0, 2, 1), np.float32))
        y = self.node("MatMul", [x, turned])
        if f"{name}.bias" not in self.weights:
            return y
        return self.add(y, self._weight(f"{name}.bias", (len(weight), 1, -1)))

    def tanh(self, x: str) -> str:
        return self.node("Tanh", [x])


def attention_graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """features [n, d] -> attention [n, 1], patch [n, classes], slide [1, classes]: logits, all patches as one bag."""
    ops = GraphMemberOps(weights, half=False)
    members = attend(ops, "features")
    attention = ops.node("ReduceMean", [members.attention], "attention", axes=[0], keepdims=0)
    patch = ops.node("ReduceMean", [members.patch], "patch", axes=[0], keepdims=0)
    turned = ops.node("Transpose", [ops.node("Softmax", [attention], axis=0)], perm=[1, 0])
    ops.node("MatMul", [turned, patch], "slide")
    features, classes = weights["tail.0.weight"].shape[2], weights["classifier.weight"].shape[1]
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", features])
    outputs = [
        helper.make_tensor_value_info("attention", TensorProto.FLOAT, ["n", 1]),
        helper.make_tensor_value_info("patch", TensorProto.FLOAT, ["n", classes]),
        helper.make_tensor_value_info("slide", TensorProto.FLOAT, [1, classes]),
    ]
    return checked(helper.make_graph(ops.nodes, "eosin", [given], outputs, ops.constants))


def attention_weights(file: Path) -> dict[str, np.ndarray]:
    """What attention_graph was given, from the file it became."""
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(file).graph.initializer}
    turned = {name: value.transpose(0, 2, 1) for name, value in stored.items() if name.endswith(".weight")}
    return turned | {name: value[:, 0] for name, value in stored.items() if name.endswith(".bias")}


def head_graph(weight: np.ndarray, bias: np.ndarray) -> onnx.ModelProto:
    """features [n, d] -> classes [n, c], sums to 1."""
    ops = GraphRowOps({"head.weight": weight, "head.bias": bias}, half=False)
    ops.softmax(ops.linear("features", "head"), "classes")
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", weight.shape[1]])
    out = helper.make_tensor_value_info("classes", TensorProto.FLOAT, ["n", weight.shape[0]])
    return checked(helper.make_graph(ops.nodes, "eosin", [given], [out], ops.constants))
