"""What passes between the rooms of fau3d: landmarks, tracks, AU tables, data samples."""

from fau3d.structures.au_data_sample import AUDataSample
from fau3d.structures.au_table import AUTable
from fau3d.structures.face_landmarks import FaceLandmarks
from fau3d.structures.video_landmarks import VideoLandmarks

__all__ = ["AUDataSample", "AUTable", "FaceLandmarks", "VideoLandmarks"]
