"""fau3d: facial action units in video, from face keypoints through 3D heatmap volumes."""

__version__ = "0.1.0"
