"""Cards of encoders and what reads their features, written from measured reports: no figure in them is typed by hand."""

from .encoder_identity import WINDOW
from .encoders import Encoder, block_names, block_widths, encoder_parameters, side_multiple
from .manifest import Identity

_USE = "**Research use only; not a medical device; not for diagnosis.**"


def _figure(values: list[float]) -> str:
    value, *ends = values
    return f"{value:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "")


def table(rows: dict[str, list[float]]) -> str:
    return "\n".join(["| figure | value (95 %) |", "|---|---|", *(f"| {name} | {_figure(v)} |" for name, v in rows.items())])


def metrics(rows: dict[str, list[float]]) -> list[dict[str, object]]:
    """The same rows as a manifest has them."""
    out: list[dict[str, object]] = []
    for name, (value, *ends) in rows.items():
        out.append({"name": name, "value": round(value, 3)} | ({"ci": [round(v, 3) for v in ends]} if ends else {}))
    return out


def card(
    identity: Identity,
    use: str,
    what: str,
    trained: str,
    rows: dict[str, list[float]],
    judged: str,
    limits: list[str],
    failures: list[str],
) -> str:
    """`use`: what it is meant for. `trained`: also how long, and on what machine. `failures`: what was seen to go wrong."""
    data = "\n".join(f"- {line}" for line in identity.data)
    parts = [
        f"# {identity.name}",
        f"{identity.summary} {_USE}",
        f"## Intended use\n\n{use}",
        f"## What it is\n\n{what}",
        f"## Data and terms\n\n{data}\n\nLicence of the weights: {identity.licence}. {identity.licence_note}",
        f"## How it was trained\n\n{trained}",
        f"## Figures\n\n{judged}\n\n{table(rows) if rows else 'Not measured.'}",
        "## Limits and failures seen\n\n" + "\n".join(f"- {line}" for line in [*limits, *failures]),
    ]
    return "\n\n".join(parts) + "\n"


def encoder_what(shape: Encoder, mean: tuple[float, ...], std: tuple[float, ...], window: int = WINDOW) -> str:
    means, deviations = (f"({', '.join(f'{v:.3f}' for v in values)})" for values in (mean, std))
    blocks = ", ".join(f"{n} ({w})" for n, w in zip(block_names(shape), block_widths(shape), strict=True))
    return (
        f"{encoder_parameters(shape):,} parameters, batch norm folded, weights stored as fp16. One pooled output a block, "
        f"the mean over the patch: {blocks}. Input RGB, value / 255, minus {means}, divided by {deviations}. Patches of "
        f"{window} px at 1 µm a pixel; any multiple of {side_multiple(shape)} px runs."
    )


PROBE_JUDGED = (
    "On tiles/crc5, which no pre-training saw. Linear probe: 20 labelled tiles a class, mean of 20 draws, macro F1; tiles "
    "of probe and test come from different stain groups (k-means groups of colour: slide and patient are not known); the "
    "interval is a bootstrap over draws. The whole 224 px tile is one patch. `python models/probe.py` prints these again."
)
