"""python models/evaluate.py [--model DIR] [--shifts] [--json FILE [--only nuclei]]: the reference figures of an exported network."""

import argparse
import json
from pathlib import Path

from eosin_models.evaluation import (
    CHANGES,
    consep_val,
    evaluate,
    glas_val,
    line,
    monuseg_test,
    phantom_cases,
    summary,
    tissue_accuracy,
)
from eosin_models.postprocess import settings_of
from eosin_models.run import session
from eosin_models.sources import PROJECT

NUCLEI = {"MoNuSeg test (7)": monuseg_test, "CoNSeP (5 left out)": consep_val}
GLANDS = {"GlaS patients 4 and 9 (34)": glas_val}
SETS = {"": NUCLEI | GLANDS, "nuclei": NUCLEI, "glands": GLANDS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=PROJECT / "public" / "models" / "cerberus-lite")
    parser.add_argument("--shifts", action="store_true", help="also darker, brighter, blurred, JPEG, other stains")
    parser.add_argument("--json", type=Path)
    only = "one decoder's sets, where the other is the same bit for bit; what --json holds of the rest stays"
    parser.add_argument("--only", choices=("nuclei", "glands"), default="", help=only)
    parser.add_argument("--phantoms", type=Path, help="what `npm run phantom -- --seeds 500-509 --mpp 0.5` wrote")
    given = parser.parse_args()
    described = json.loads((given.model / "model.json").read_text())
    settings, multiple = settings_of(described), described["input"]["multiple"]
    model = session(given.model / described["file"])
    kept = given.only and given.json and given.json.exists()
    report: dict[str, object] = json.loads(given.json.read_text()) if kept else {}
    for change_name, change in CHANGES.items():
        if change_name != "as they are" and not given.shifts:
            continue
        sets = dict(SETS[given.only])
        if given.phantoms and change_name == "as they are":
            sets["Phantom seeds below 1000"] = lambda: phantom_cases(given.phantoms)
        for set_name, cases in sets.items():
            values = summary(evaluate(model, cases(), settings, multiple, change))
            report[f"{set_name}, {change_name}"] = values
            for kind, metrics in values.items():
                print(f"{set_name}, {change_name}, {kind}: " + "; ".join(line(n, v) for n, v in metrics.items()), flush=True)
    if given.only != "nuclei":
        accuracy, confusion = tissue_accuracy(model, multiple)
        report["tissue, CRC-VAL-HE-7K (56)"] = {"accuracy": accuracy, "confusion": confusion.tolist()}
        print(f"tissue, CRC-VAL-HE-7K (56): accuracy {accuracy:.3f}")
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
