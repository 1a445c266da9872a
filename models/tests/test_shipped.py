"""What lies in public/models: small enough, told by complete cards, and with the record of how it was made."""

import hashlib
import json

import pytest

from eosin_models.record import KEPT
from eosin_models.sources import PROJECT

MODELS = PROJECT / "public" / "models"
SHIPPED: list[str] = json.loads((MODELS / "index.json").read_text())
PUBLISHED = {"efficientnet-lite0-imagenet"}  # trained by others: its card says by whom


def test_all_models_together_stay_under_60_megabytes() -> None:
    files = [file for file in MODELS.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 60_000_000
    assert sorted(SHIPPED) == sorted(folder.name for folder in MODELS.iterdir() if folder.is_dir())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_is_complete(name: str) -> None:
    card = (MODELS / name / "README.md").read_text()
    described = json.loads((MODELS / name / "model.json").read_text())
    for title in ("What it is", "Data and terms", "How it was trained", "Figures", "Limits and failures seen"):
        assert f"\n## {title}\n" in card, title
    assert "Research use only; not a medical device; not for diagnosis." in card
    licence = described["licence"]
    assert licence in card or licence.replace("-", " ").replace("CC BY NC SA", "CC BY-NC-SA") in card
    assert described["metrics"] and "Not measured" not in card
    trained = card.split("## How it was trained")[1].split("\n## ")[0]
    if name in PUBLISHED:
        assert "Not trained here" in trained
    else:
        assert "minute" in trained or "second" in trained  # how long
        assert "CPU" in trained or "GPU" in trained or "thread" in trained  # on what


@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in PUBLISHED])
def test_configuration_log_and_report_are_kept(name: str) -> None:
    folder = KEPT / name
    configurations = sorted(folder.glob("configuration*.json"))
    logs = sorted(folder.glob("log*.jsonl"))
    assert configurations and len(configurations) == len(logs)
    for file in configurations:
        assert json.loads(file.read_text())
    for file in logs:
        assert all(json.loads(line) for line in file.read_text().splitlines())
    assert json.loads((folder / "report.json").read_text())


@pytest.mark.parametrize("name", SHIPPED)
def test_readers_read_the_encoder_that_ships(name: str) -> None:
    described = json.loads((MODELS / name / "model.json").read_text())
    assert described["sha256"] == hashlib.sha256((MODELS / name / described["file"]).read_bytes()).hexdigest()
    if encoder := described["input"].get("encoder"):
        assert encoder["sha256"] == json.loads((MODELS / encoder["id"] / "model.json").read_text())["sha256"]
