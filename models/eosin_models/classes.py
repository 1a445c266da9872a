"""Classes and colours of every head, in the order of the network's channels. The manifest is written from them."""

from typing import NamedTuple


class Class(NamedTuple):
    name: str
    color: str


NUCLEI = (
    Class("Epithelial", "#ff7a1a"),
    Class("Inflammatory", "#1fa2ff"),
    Class("Connective", "#8cf2b4"),
    Class("Other", "#ffffff"),
)
GLANDS = (Class("Gland", "#ffee1f"),)
LUMINA = (Class("Lumen", "#1a2bff"),)
TISSUE = (
    Class("Tumour", "#b5343c"),
    Class("Stroma", "#e29a5b"),
    Class("Lymphocytes", "#3b6fd4"),
    Class("Debris and mucus", "#8d8a5b"),
    Class("Normal mucosa", "#3f9e6b"),
    Class("Adipose", "#e8d44d"),
    Class("Glass", "#9aa4ae"),
)
# CoNSeP's merged four; its "spindle" (fibroblast, muscle, endothelial) is what the workbench calls Connective.
CONSEP_TO_NUCLEI = {"epithelial": 0, "inflammatory": 1, "spindle": 2, "other": 3}


def tissue_index(name: str) -> int:
    return [c.name for c in TISSUE].index(name)
