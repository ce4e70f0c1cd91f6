"""What an analysed recording says: events, eyes, expressions."""

from fau3d.apis.reading.curves import CurveCollector, FaceCurves
from fau3d.apis.reading.face import FaceReading, read_face
from fau3d.apis.reading.files import write_readings

__all__ = ["CurveCollector", "FaceCurves", "FaceReading", "read_face", "write_readings"]
