"""python models/attention_choice.py --features FILE [--json FILE]: plans of the attention's training, compared without the
folds that its figures are of.

For each fold, two are left out together, it and another in turn; what is learnt from the four that remain is judged on the
other one. So no number here that speaks for a plan in one fold's round has seen that fold: its bags, its labels or its
features. Prints for each plan the means over all rounds, the plan that each fold's own round chooses by the sum of bag AUC
and attention AUC, and what these choices reach on the folds themselves: a figure free of choosing.
"""

import argparse
import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import torch

from eosin_models.attention_training import KINDS, AttentionPlan, judge, summary, train_committee
from eosin_models.bags import all_patches
from eosin_models.crc5 import GROUPS, crc5_tiles
from eosin_models.encoder_identity import WINDOW

SHIPPED = AttentionPlan()
PLANS = {
    "shipped": SHIPPED,
    "dropout .2": replace(SHIPPED, dropout=0.2),
    "dropout .2, temperature 3": replace(SHIPPED, dropout=0.2, temperature=3.0),
    "temperature 1": replace(SHIPPED, temperature=1.0),
    "pooling alone": replace(SHIPPED, agreement=0.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=Path, required=True, help="what attention.py kept")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    tiles = crc5_tiles()
    patches, views = all_patches(tiles, WINDOW), np.load(given.features)
    inner = {name: np.full((len(KINDS), GROUPS, GROUPS), np.nan) for name in PLANS}  # [kind, whose round, judged on]
    for pair in combinations(range(GROUPS), 2):
        for name, plan in PLANS.items():
            committee, _ = train_committee(tiles, patches, views, pair, plan)
            for mine, other in (pair, pair[::-1]):
                scores = judge(committee, tiles, patches, views[0], other)
                inner[name][:, mine, other] = [getattr(scores, kind) for kind in KINDS]
        print(pair, flush=True)
    rounds = {name: np.nanmean(table, axis=2) for name, table in inner.items()}  # [kind, whose round]
    choices = [max(PLANS, key=lambda name: rounds[name][:2, fold].sum()) for fold in range(GROUPS)]
    chosen = [
        judge(train_committee(tiles, patches, views, [fold], PLANS[name])[0], tiles, patches, views[0], fold)
        for fold, name in enumerate(choices)
    ]
    report = {name: {kind: table[at].tolist() for at, kind in enumerate(KINDS)} for name, table in rounds.items()}
    for name, table in rounds.items():
        print(name, *(f"{kind} {table[at].mean():.3f}" for at, kind in enumerate(KINDS)))
    reached = {kind: values for kind, values in summary([chosen]).items() if kind in KINDS}
    print("each fold's round chooses", choices, "and reaches", reached)
    if given.json:
        found = {"rounds": report, "choices": choices, "reached": reached}
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
