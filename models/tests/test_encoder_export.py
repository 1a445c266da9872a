"""Encoders as ONNX: the same numbers as PyTorch, a whole folder, weights that come back."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from made_up_encoders import TINY, TINY_DENSE, image, living, made_up_state

from eosin_models.embedding import folder_embedder, torch_embedder
from eosin_models.encoder_graph import encoder_graph, read_weights
from eosin_models.encoder_identity import SIMCLR
from eosin_models.encoder_network import SIMCLR_SCALING, FoldedEncoder
from eosin_models.encoders import RESNET18, Encoder, ResNet
from eosin_models.feature_models import export_encoder, largest_encoder_difference
from eosin_models.folding import fold
from eosin_models.made_up import scene

TINY_PADDED = ResNet(stem=6, stages=(6, 8, 16, 16), blocks=1)  # 6 -> 8 is padded for WebGPU


@pytest.mark.parametrize("shape", [TINY, TINY_DENSE, TINY_PADDED, RESNET18])
def test_encoders_in_pytorch_and_onnx_agree(shape: Encoder) -> None:
    weights = fold(shape, made_up_state(shape))
    difference = largest_encoder_difference(shape, weights, image(64 if shape is not RESNET18 else 32).numpy())
    print(f"largest difference {difference:.2e}, tolerance 1e-4")
    assert difference < 1e-4


@pytest.mark.parametrize("shape", [TINY, TINY_DENSE, TINY_PADDED])
def test_weights_come_back_from_the_exported_file(shape: Encoder, tmp_path: Path) -> None:
    weights = fold(shape, made_up_state(shape))
    (tmp_path / "model.onnx").write_bytes(encoder_graph(shape, weights).SerializeToString())
    back = read_weights(tmp_path / "model.onnx", shape)
    assert back.keys() == weights.keys()
    for name, value in weights.items():
        assert np.array_equal(back[name], value.astype(np.float16).astype(np.float32)), name


def test_an_encoders_folder_is_whole(tmp_path: Path) -> None:
    weights = living(TINY)
    golden = scene(101, 128, 0.5).rgb
    export_encoder(TINY, weights, SIMCLR_SCALING, SIMCLR, [{"name": "a", "value": 0.5}], golden, tmp_path)
    described = json.loads((tmp_path / "model.json").read_text())
    stored = (tmp_path / described["file"]).read_bytes()
    assert described["sha256"] == hashlib.sha256(stored).hexdigest() and described["bytes"] == len(stored)
    assert described["task"] == "encoder"
    assert described["input"]["mean"] == described["input"]["std"] == [0.5, 0.5, 0.5]
    model = onnx.load_from_string(stored)
    assert [output.name for output in model.graph.output] == [output["name"] for output in described["outputs"]]
    assert [output["channels"] for output in described["outputs"]] == [8, 8, 16, 16]
    for node in model.graph.node:
        assert "auto_pad" not in {attribute.name for attribute in node.attribute}, node.name
        if node.op_type in ("Conv", "MaxPool", "AveragePool"):
            assert "pads" in {attribute.name for attribute in node.attribute}, node.name
    embedded = folder_embedder(tmp_path)(golden[None])
    flat = np.concatenate([embedded[output["name"]].ravel() for output in described["outputs"]])
    assert np.array_equal(np.frombuffer((tmp_path / "golden.bin").read_bytes(), "<f4"), flat)
    half = {name: value.astype(np.float16).astype(np.float32) for name, value in weights.items()}
    again = torch_embedder(FoldedEncoder(TINY, half), SIMCLR_SCALING)(golden[None])
    for name, value in embedded.items():
        assert np.abs(value - again[name]).max() < 1e-3


def test_a_constant_encoder_is_not_exported(tmp_path: Path) -> None:
    weights = {name: np.zeros_like(value) for name, value in fold(TINY, made_up_state(TINY)).items()}
    with pytest.raises(ValueError, match="constant"):
        export_encoder(TINY, weights, SIMCLR_SCALING, SIMCLR, [], scene(101, 64, 0.5).rgb, tmp_path)
