"""What the card says of few labels comes from the report, line by line."""

from eosin_models.card import careful, few_labels


def test_few_labels_compares_with_the_best_other_features_of_each_line() -> None:
    report: dict[str, object] = {"nuclei": 9}
    for few, one, two in ((5, 0.4, 0.3), (20, 0.45, 0.5)):
        report[f"features, {few} a type"] = [0.6, 0.5, 0.7]
        for name, value in (("ImageNet block1", one), ("ImageNet block2", two)):
            report[f"{name}, {few} a type"] = [value, value - 0.1, value + 0.1]
            report[f"features minus {name}, {few} a type"] = [0.6 - value, 0.0, 0.3]
    rows = few_labels(report)
    assert len(rows) == 4
    assert rows[2].endswith("| 0.200 (0.000 to 0.300) |")  # of block 1
    assert rows[3].startswith("| 20 |") and rows[3].endswith("| 0.100 (0.000 to 0.300) |")  # of block 2


def test_careful_mode_stands_below_one_view() -> None:
    def measured(views: int, value: float) -> dict:
        metrics = dict.fromkeys(("dice", "aji", "pq"), value)
        return {"views": views, "metrics": metrics, "ci": {name: [value - 0.1, value + 0.1] for name in metrics}}

    rows = careful([measured(4, 0.7), measured(1, 0.6)])
    assert rows[2].startswith("| 1 view | 0.600 (0.500 to 0.700) |")
    assert rows[3].startswith("| 4 views, careful mode | 0.700 (0.600 to 0.800) |")
