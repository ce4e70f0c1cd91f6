"""Backbones of our own; MMAction2's are named with their scope, such as `mmaction.ResNet3dSlowOnly`."""

from fau3d.models.backbones.c3d import C3DFeatures
from fau3d.models.backbones.compact_face_cnn import CompactFaceCNN
from fau3d.models.backbones.emofan import EmoFANFeatures
from fau3d.models.backbones.keypoint_transformer import KeypointTransformer
from fau3d.models.backbones.resnet2d import ResNetFeatures
from fau3d.models.backbones.sequence import SequenceBackbone
from fau3d.models.backbones.sequence_recurrent import SequenceRecurrent
from fau3d.models.backbones.sequence_transformer import SequenceTransformer
from fau3d.models.backbones.stgcn import FaceSTGCN
from fau3d.models.backbones.swin import SwinFeatures
from fau3d.models.backbones.vit import ViTFeatures

__all__ = [
    "C3DFeatures",
    "CompactFaceCNN",
    "EmoFANFeatures",
    "FaceSTGCN",
    "KeypointTransformer",
    "ResNetFeatures",
    "SequenceBackbone",
    "SequenceRecurrent",
    "SequenceTransformer",
    "SwinFeatures",
    "ViTFeatures",
]
