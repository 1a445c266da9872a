"""Training, resuming and export on a tiny network and made-up data."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor

from eosin_models import graph
from eosin_models.architecture import CERBERUS_LITE, SIBLING, Shape, gflop_per_megapixel, listing, parameter_count
from eosin_models.batches import Sampler
from eosin_models.classes import TISSUE
from eosin_models.exporting import export, golden_bytes, half_precision, largest_difference
from eosin_models.graph import build_graph
from eosin_models.identity import SETTINGS
from eosin_models.made_up import items, scene
from eosin_models.network import Network
from eosin_models.postprocess import settings_of
from eosin_models.run import network_input, run_image, session
from eosin_models.sources import PROJECT
from eosin_models.training import Plan, Trainer, load_weights, save_weights
from sibling import IDENTITY, RECIPE

SHIPPED = PROJECT / "public" / "models" / "cerberus-lite"
FIXTURE = PROJECT / "e2e" / "fixtures" / "models" / "cerberus-sibling"


def trainer(plan: Plan) -> Trainer:
    return Trainer(SIBLING, items(1, 2, 160), RECIPE, plan, {})


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_cerberus_lite_keeps_to_its_budget() -> None:
    assert parameter_count(CERBERUS_LITE) <= 5_000_000
    assert gflop_per_megapixel(CERBERUS_LITE) <= 80
    assert parameter_count(SIBLING) <= 10_000
    assert CERBERUS_LITE.features == 64


@pytest.mark.parametrize("shape", [CERBERUS_LITE, SIBLING])
def test_no_convolution_that_webgpu_computes_wrongly(shape: Shape) -> None:
    for name, conv in listing(shape).convs.items():
        assert not (conv.kernel > 1 and conv.inputs > 3 and conv.inputs % 3 == 0 and conv.inputs % 4 != 0), name


def test_cerberus_lite_has_channels_in_sixteens() -> None:
    for name, conv in listing(CERBERUS_LITE).convs.items():
        assert conv.outputs % 16 == 0, name
        assert conv.inputs % 16 == 0 or conv.inputs == 3, name


def test_training_makes_the_loss_fall() -> None:
    run = trainer(Plan(steps=60, warm_up=5, encoder_rate=2e-3))
    first = run.step(0, 0)
    for step in range(1, 59):
        run.step(step, 0)
    last = run.step(59, 0)
    assert last["nuclei"] < 0.8 * first["nuclei"]
    assert all(np.isfinite(value) for value in last.values())


def test_a_resumed_training_is_the_same_training(tmp_path: Path) -> None:
    whole = trainer(Plan(steps=6, warm_up=2))
    whole.run(tmp_path / "whole")
    half = trainer(Plan(steps=3, warm_up=2))
    half.plan = Plan(steps=6, warm_up=2, checkpoint_every=3)
    for step in range(3):
        half.step(step, step / 6)
    half.save(tmp_path / "checkpoint.pt", 3, 0.0)
    rest = trainer(Plan(steps=6, warm_up=2, seed=9))
    rest.run(tmp_path / "rest", resume=tmp_path / "checkpoint.pt", same_stage=True)
    assert rest.total_steps == whole.total_steps == 6
    assert same(rest.average, whole.average)
    assert (tmp_path / "rest" / "weights.npz").exists()


def test_a_training_starts_from_kept_weights(tmp_path: Path) -> None:
    kept = Network(SIBLING)
    save_weights(tmp_path / "w.npz", kept.named())
    run = trainer(Plan(steps=4, warm_up=1))
    assert not same(run.average, load_weights(tmp_path / "w.npz", SIBLING).named())
    run.start_from(tmp_path / "w.npz")
    for weights in (run.average, run.network.named()):
        assert same(weights, load_weights(tmp_path / "w.npz", SIBLING).named())


@pytest.mark.parametrize(("only", "learns"), [("nuclei", ("nuclei.", "types.")), ("glands", ("glands.", "tissue."))])
def test_one_decoder_alone_learns_and_all_else_stays_bit_for_bit(only: str, learns: tuple[str, ...]) -> None:
    run = trainer(Plan(steps=4, warm_up=1, only=only))
    before = {name: t.clone() for name, t in run.network.named().items()}
    parts = [run.step(step, 0) for step in range(2)]
    assert ("nuclei" in parts[0]) == (only == "nuclei")
    for weights in (run.network.named(), run.average):
        moved = {name for name, t in weights.items() if not torch.equal(t, before[name])}
        assert moved
        assert all(name.startswith(learns) for name in moved)
        assert {name for name in before if name.startswith(learns) and name.endswith(".weight")} <= moved


def test_the_average_follows_the_weights() -> None:
    run = trainer(Plan(steps=4, warm_up=1))
    before = {name: t.clone() for name, t in run.average.items()}
    run.step(0, 0)
    assert not same(before, run.average)


def test_weights_come_back_and_foreign_ones_are_refused(tmp_path: Path) -> None:
    network = Network(SIBLING)
    save_weights(tmp_path / "w.npz", network.named())
    back = load_weights(tmp_path / "w.npz", SIBLING).named()
    for name, tensor in network.named().items():
        assert torch.equal(back[name], tensor.half().float())
    with pytest.raises(ValueError, match="do not fit"):
        Network(SIBLING).load_named({"encoder.stem.weight": torch.zeros(8, 3, 7, 7)})


@pytest.mark.parametrize("shape", [CERBERUS_LITE, SIBLING])
def test_pytorch_and_onnx_agree(shape: Shape) -> None:
    network = Network(shape)
    with torch.no_grad():
        for name, tensor in network.named().items():
            if name.endswith(".head.weight"):
                tensor.mul_(10)  # so that the outputs are far from uniform
    image = network_input(np.concatenate([scene(8, 128, 0.5).rgb, scene(9, 128, 0.5).rgb], axis=1))
    difference = largest_difference(network, image)
    print(f"largest difference {difference:.2e}, tolerance 1e-4")
    assert difference < 1e-4


def misread(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """The convolutions that ONNX Runtime 1.30 computes wrongly on WebGPU, by their weights: what was measured, anew."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    cast = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Cast"}
    read = [cast.get(node.input[1], node.input[1]) for node in model.graph.node if node.op_type == "Conv"]
    found = {name: shapes[name] for name in read}
    return {n: s for n, s in found.items() if s[2] > 1 and s[1] > 3 and s[1] % 3 == 0 and s[1] % 4 and s[0] % 4 == 0}


@pytest.mark.parametrize("half", [False, True])
def test_channels_that_webgpu_computes_wrongly_are_padded(half: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = replace(SIBLING, stem=6, stages=(6, 12, 8), context=6)
    network = Network(shape)
    weights = half_precision(network)
    image = network_input(scene(8, 128, 0.5).rgb)
    padded = build_graph(shape, weights, len(TISSUE), half)
    assert misread(padded) == {}
    monkeypatch.setattr(graph, "missing_inputs", lambda *_: 0)
    plain = build_graph(shape, weights, len(TISSUE), half)
    assert set(misread(plain)) == {"encoder.layer2.0.conv1.weight"}
    both = [
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(
            None, {"image": image}
        )
        for model in (padded, plain)
    ]
    for a, b in zip(*both, strict=True):
        assert np.ptp(b) > 0
        assert np.array_equal(a, b)


def test_half_weights_stay_near() -> None:
    network = Network(SIBLING)
    image = network_input(scene(8, 128, 0.5).rgb)
    rounded = Network(SIBLING)
    rounded.load_named({name: torch.from_numpy(value) for name, value in half_precision(network).items()})
    with torch.no_grad():
        full, half = network(image_tensor(image)), rounded(image_tensor(image))
    difference = (full[0].nuclei.softmax(1) - half[0].nuclei.softmax(1)).abs().max().item()
    assert 0 < difference < 2e-2


def image_tensor(image: np.ndarray) -> Tensor:
    return torch.from_numpy(image)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    network = Network(SIBLING)
    with torch.no_grad():
        network.named()["nuclei.head.weight"].mul_(20)
    export(network, IDENTITY, SETTINGS, [], scene(101, 64, 0.5).rgb, folder)
    return folder


@pytest.mark.parametrize("which", ["exported", "shipped", "fixture"])
def test_a_model_folder_is_whole(which: str, exported: Path) -> None:
    folder = {"exported": exported, "shipped": SHIPPED, "fixture": FIXTURE}[which]
    described = json.loads((folder / "model.json").read_text())
    stored = (folder / described["file"]).read_bytes()
    assert described["bytes"] == len(stored)
    assert described["sha256"] == hashlib.sha256(stored).hexdigest()
    schema = json.loads((PROJECT / "public" / "model.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(described)
    settings_of(described)
    model = onnx.load_from_string(stored)
    onnx.checker.check_model(model, full_check=True)
    for node in model.graph.node:
        names = {attribute.name for attribute in node.attribute}
        assert "auto_pad" not in names, node.name
        if node.op_type in ("Conv", "MaxPool", "AveragePool"):
            assert "pads" in names, node.name
    assert [output.name for output in model.graph.output] == [output["name"] for output in described["outputs"]]


@pytest.mark.parametrize("which", ["shipped", "fixture"])
def test_the_golden_outputs_are_the_models(which: str) -> None:
    from PIL import Image

    folder = {"shipped": SHIPPED, "fixture": FIXTURE}[which]
    rgb = np.asarray(Image.open(folder / "golden.png").convert("RGB"))
    committed, now = (folder / "golden.bin").read_bytes(), golden_bytes(folder / "model.onnx", rgb)
    assert len(committed) == len(now)
    height, width = rgb.shape[:2]
    packed = height * width * 4 + 3 * height * width // 4
    for shift in (0, 8, 16):
        a, b = ((np.frombuffer(x, "<i4", packed) >> shift & 255) for x in (committed, now))
        assert np.abs(a - b).max() <= 2  # other processors round elsewhere; two steps of 255
    tissue = [np.frombuffer(x, "<f4", offset=4 * packed) for x in (committed, now)]
    assert np.abs(tissue[0] - tissue[1]).max() < 1e-3


def test_windows_of_any_size_and_number() -> None:
    network = Network(SIBLING)
    weights = {name: t.detach().numpy() for name, t in network.named().items()}
    model = onnxruntime.InferenceSession(build_graph(SIBLING, weights, 7).SerializeToString())
    packed, coarse, tissue, features = model.run(None, {"image": np.zeros((2, 3, 96, 160), np.float32)})
    assert packed.shape == (2, 1, 192, 320) and packed.dtype == np.int32
    assert coarse.shape == (2, 3, 48, 80) and coarse.dtype == np.int32
    assert tissue.shape == (2, 7, 3, 5)
    assert features.shape == (2, SIBLING.features, 24, 40)


def test_an_image_of_odd_size_is_run_whole(exported: Path) -> None:
    maps = run_image(session(exported / "model.onnx"), scene(8, 77, 0.5).rgb, 32)
    assert maps.nuclei.shape == (3, 154, 154)
    assert maps.glands.shape == (3, 39, 39)
    assert abs(int(maps.nuclei[:, 50, 50].astype(int).sum()) - 255) <= 2


def test_a_constant_network_is_not_exported(tmp_path: Path) -> None:
    network = Network(SIBLING)
    with torch.no_grad():
        for tensor in network.named().values():
            tensor.zero_()
    with pytest.raises(ValueError, match="constant"):
        export(network, IDENTITY, SETTINGS, [], scene(101, 64, 0.5).rgb, tmp_path)


def test_every_source_of_a_batch_teaches_only_its_own_heads() -> None:
    sampler = Sampler(items(1, 2, 160), RECIPE, torch.Generator().manual_seed(1))
    nuclei, glands, tissues = sampler.nuclei(), sampler.glands(), sampler.tissues()
    assert nuclei.images.shape == (4, 3, 64, 64) and nuclei.nuclei.shape == (4, 128, 128)
    assert nuclei.types.shape == (4, 32, 32)
    assert glands.glands.shape == glands.lumina.shape == (4, 64, 64)
    assert glands.tissue.shape == (4, 4, 4)
    assert tissues.tissue.shape == (2, 2, 2)
