"""An encoder as ONNX (one pooled output a block, weights fp16 and cast), and its weights read back from there: the
exported file is the only copy that is kept."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .encoder_network import Weights
from .encoders import Encoder, block_maps, block_names, block_widths, encoder_listing
from .graph import IR_VERSION, OPSET, GraphOps


def encoder_graph(shape: Encoder, weights: Weights, half: bool = True) -> onnx.ModelProto:
    """`half` false keeps the weights fp32 (for the equality test)."""
    ops = GraphOps(weights, half=half)
    outputs = []
    for name, width, x in zip(block_names(shape), block_widths(shape), block_maps(ops, "image", shape), strict=True):
        ops.node("Flatten", [ops.node("GlobalAveragePool", [x])], name, axis=1)
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width]))
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "height", "width"])
    return checked(helper.make_graph(ops.nodes, "eosin", [image], outputs, ops.constants))


def checked(graph: onnx.GraphProto) -> onnx.ModelProto:
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="eosin-models"
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def read_weights(file: Path, shape: Encoder) -> Weights:
    """What `encoder_graph` wrote, as float32."""
    stored = {t.name: numpy_helper.to_array(t).astype(np.float32) for t in onnx.load(str(file)).graph.initializer}
    listed = encoder_listing(shape)
    convs = {f"{name}.bias": stored[f"{name}.bias"] for name in listed.convs}
    # What was padded for a GPU is as it was.
    convs |= {f"{name}.weight": stored[f"{name}.weight"][:, : conv.inputs] for name, conv in listed.convs.items()}
    scales = {
        f"{name}.{part}": stored[f"{name}.{part}"].reshape(-1) for name in listed.scales for part in ("weight", "bias")
    }
    return convs | scales


def imagenet_weights(shared: Path) -> Weights:
    """torchvision's ResNet-18 to block 3 from ../shared/weights, under torchvision's names."""
    model = onnx.load(str(shared / "weights" / "resnet18_imagenet_layer3_fp32.onnx"))
    layers = (t for t in model.graph.initializer if t.name.startswith(("conv1.", "layer")))
    return {t.name: numpy_helper.to_array(t).astype(np.float32) for t in layers}
