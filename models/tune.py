"""python models/tune.py [--model DIR]: post-processing thresholds, tried on training images only.

Prints the best few of each grid; a person copies what wins clearly into eosin_models/identity.py. The validation
lists are not touched. Nuclei: mean of Dice, AJI and PQ; glands: mean of object F1, object Dice and PQ.
"""

import argparse
import itertools
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from eosin_models.evaluation import CHANGES, Case, consep_case, glas_case, maps_of
from eosin_models.items import NETWORK_MPP
from eosin_models.metrics import SUMMARIES, Score, score
from eosin_models.pack import resize_labels
from eosin_models.postprocess import (
    GlandSettings,
    LumenSettings,
    NucleiSettings,
    gland_instances,
    lumen_instances,
    nuclei_instances,
)
from eosin_models.run import Maps, session
from eosin_models.sources import PROJECT, listed, pictures

SHOWN = 6
Pair = tuple[Case, Maps]


def nuclei_cases() -> Iterable[Case]:
    monuseg = [p for p in pictures("nuclei", "monuseg") if p.name not in listed("monuseg-test.txt")]
    for picture in monuseg[::4]:
        yield Case(picture.name, 0.25, picture.rgb(), {"nuclei": picture.instances()})
    consep = [p for p in pictures("nuclei", "consep") if p.name not in listed("consep-val.txt")]
    for picture in consep[::6]:
        yield consep_case(picture)


def gland_cases() -> Iterable[Case]:
    train = [p for p in pictures("glands", "glas") if p.name not in listed("glas-patients-4-9.txt")]
    for picture in train[::4]:
        yield glas_case(picture)


def ranked(grid: dict[str, Iterable[float]], judge: Callable[[dict[str, float]], tuple[float, str]]) -> None:
    tried = []
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        tried.append((*judge(settings), settings))
    for goal, detail, settings in sorted(tried, key=lambda entry: -entry[0])[:SHOWN]:
        print(f"{goal:.4f}  {detail}  {settings}", flush=True)


def judged(scores: list[Score], names: tuple[str, ...]) -> tuple[float, str]:
    values = {name: SUMMARIES[name](scores) for name in names}
    return sum(values.values()) / len(values), " ".join(f"{name} {value:.3f}" for name, value in values.items())


def own_pixel(labels, case: Case):  # noqa: ANN001, ANN201 (label images)
    return resize_labels(labels, case.rgb.shape[1], case.rgb.shape[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=PROJECT / "public" / "models" / "cerberus-lite")
    given = parser.parse_args()
    multiple = json.loads((given.model / "model.json").read_text())["input"]["multiple"]
    model = session(given.model / "model.onnx")
    plain = CHANGES["as they are"]
    nuclei: list[Pair] = [(case, maps_of(model, case, plain, multiple)) for case in nuclei_cases()]

    def judge_nuclei(settings: dict[str, float]) -> tuple[float, str]:
        found = [
            (case, nuclei_instances(maps.nuclei[1], maps.nuclei[2], NETWORK_MPP / 2, NucleiSettings(**settings)))
            for case, maps in nuclei
        ]
        return judged([score(case.labels["nuclei"], own_pixel(own, case)) for case, own in found], ("dice", "aji", "pq"))

    parts = {"foreground": (115, 128), "marker": (130, 150)}
    ranked(parts | {"min_area_um2": (4, 8), "min_probability": (0, 175, 185, 195)}, judge_nuclei)
    glands: list[Pair] = [(case, maps_of(model, case, plain, multiple)) for case in gland_cases()]

    def judge_glands(settings: dict[str, float]) -> tuple[float, str]:
        found = [
            (case, gland_instances(maps.glands[1], maps.glands[2], 2 * NETWORK_MPP, GlandSettings(**settings)))
            for case, maps in glands
        ]
        names = ("objectF1", "objectDice", "pq")
        return judged([score(case.labels["glands"], own_pixel(own, case)) for case, own in found], names)

    grid = {"foreground": (110, 128, 145), "seed": (110, 128, 150), "min_seed_um2": (200, 500), "min_area_um2": (500, 1200)}
    ranked(grid, judge_glands)

    def judge_lumina(settings: dict[str, float]) -> tuple[float, str]:
        scores = []
        for case, maps in glands:
            inside = gland_instances(maps.glands[1], maps.glands[2], 2 * NETWORK_MPP, GlandSettings())
            found = lumen_instances(maps.lumina[1], maps.lumina[2], inside, 2 * NETWORK_MPP, LumenSettings(**settings))
            scores.append(score(case.labels["lumina"], own_pixel(found, case)))
        return judged(scores, ("objectF1", "objectDice", "pq"))

    ranked({"foreground": (100, 128, 150), "min_area_um2": (40, 80, 150)}, judge_lumina)


if __name__ == "__main__":
    main()
