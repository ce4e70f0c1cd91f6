"""Backbones of our own; MMAction2's are named with their scope, such as `mmaction.ResNet3dSlowOnly`."""

from fau3d.models.backbones.c3d import C3DFeatures

__all__ = ["C3DFeatures"]
