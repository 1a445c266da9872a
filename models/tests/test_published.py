"""Checkpoints that others published, made up in their form: names, hashes, and what is refused."""

import hashlib
from pathlib import Path

import pytest
import torch
from made_up_encoders import TINY_DENSE, image, made_up_state
from torch import Tensor, nn

from eosin_models.encoder_network import FoldedEncoder, NormedResNet
from eosin_models.encoders import RESNET18
from eosin_models.published import check_hash, encoder_of, read_state


def resnet18_state() -> dict[str, Tensor]:
    """The shape of `tenpercent`: torchvision's ResNet-18, whose fc was cut."""
    return made_up_state(RESNET18)


def test_the_published_simclr_form_loads(tmp_path: Path) -> None:
    state = resnet18_state()
    wrapped = {f"model.resnet.{key}": value for key, value in state.items()}
    torch.save({"state_dict": wrapped}, tmp_path / "tenpercent.ckpt")
    weights = encoder_of(RESNET18, read_state(tmp_path / "tenpercent.ckpt"))
    network = NormedResNet(RESNET18)
    missing, left = network.load_state_dict(state, strict=False)
    assert left == [] and all(key.endswith("num_batches_tracked") for key in missing)
    small = image(32, 1)
    with torch.no_grad():
        for a, b in zip(FoldedEncoder(RESNET18, weights)(small), network.eval()(small), strict=True):
            assert torch.allclose(a, b, atol=1e-3, rtol=1e-3)


def test_only_the_head_may_be_missing_or_left_over() -> None:
    state = resnet18_state()
    encoder_of(RESNET18, state | {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)})
    encoder_of(RESNET18, state | {"bn1.num_batches_tracked": torch.tensor(1)})
    lacking = {key: value for key, value in state.items() if key != "layer3.0.bn1.running_mean"}
    with pytest.raises(ValueError, match=r"missing \['layer3.0.bn1.running_mean'\]"):
        encoder_of(RESNET18, lacking)
    with pytest.raises(ValueError, match="left over"):
        encoder_of(RESNET18, state | {"layer5.weight": torch.zeros(1)})
    with pytest.raises(ValueError, match="missing"):
        encoder_of(RESNET18, {f"backbone.{key}": value for key, value in state.items()})
    with pytest.raises(ValueError, match="shape"):
        encoder_of(RESNET18, state | {"conv1.weight": torch.zeros(64, 3, 3, 3)})


def test_torchvisions_densenet_names_are_read(tmp_path: Path) -> None:
    state = made_up_state(TINY_DENSE)
    old = {key: value for key, value in state.items()}
    for key in list(old):
        for part in ("norm1", "norm2", "conv1", "conv2"):
            if f"denselayer1.{part}." in key:
                old[key.replace(f"{part}.", f"{part[:-1]}.{part[-1]}.")] = old.pop(key)
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    torch.save(old | {"classifier.weight": torch.zeros(2, 2)}, tmp_path / "densenet121.pth")
    assert read_state(tmp_path / "densenet121.pth").keys() - {"classifier.weight"} == state.keys()
    encoder_of(TINY_DENSE, read_state(tmp_path / "densenet121.pth"))


def test_a_file_must_have_the_hash_of_its_name(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "plain.pth")
    stored = (tmp_path / "plain.pth").read_bytes()
    digest = hashlib.sha256(stored).hexdigest()
    right = tmp_path / f"resnet18-{digest[:8]}.pth"
    right.write_bytes(stored)
    assert check_hash(right) == digest
    wrong = tmp_path / "resnet18-f37072fd.pth"
    wrong.write_bytes(stored)
    with pytest.raises(ValueError, match=f"begins with {digest[:8]}"):
        check_hash(wrong)
    with pytest.raises(ValueError, match="does not end"):
        check_hash(tmp_path / "plain.pth")


def test_a_checkpoint_with_code_in_it_is_refused(tmp_path: Path) -> None:
    torch.save(nn.Conv2d(1, 1, 1), tmp_path / "module.ckpt")
    with pytest.raises(Exception, match="(?i)weights.only"):
        read_state(tmp_path / "module.ckpt")
