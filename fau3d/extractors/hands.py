"""Hands in a picture, by the models inside MediaPipe's wheel."""

import numpy as np

from fau3d.extractors.base import as_rgb
from fau3d.extractors.quiet import quiet_native_log

_MOST_HANDS = 2


class HandFinder:
    """Finds up to two hands in each picture of a video: 21 joints each, on the CPU, nothing downloaded.

    Args:
        min_detection: Least score of a new hand, 0 to 1.

    Raises:
        ImportError: If mediapipe is not installed.
    """

    def __init__(self, min_detection: float = 0.5) -> None:
        with quiet_native_log():
            try:
                from mediapipe.python.solutions.hands import Hands
            except ImportError:
                raise ImportError(
                    "finding hands needs the package mediapipe: pip install 'fau3d[mediapipe]'"
                ) from None
            self._graph = Hands(
                max_num_hands=_MOST_HANDS, model_complexity=0, min_detection_confidence=min_detection
            )
            self._graph._graph.wait_until_idle()  # its nodes open, and log, in threads
        self._fresh = True

    def find(self, image: np.ndarray) -> list[np.ndarray]:
        """Find the hands of the next picture.

        Args:
            image: Shape (H, W, 3) uint8 RGB, or gray.

        Returns:
            For each hand its joints, shape (21, 2), float32, pixels; they can lie outside of the picture.
        """
        height, width = image.shape[:2]
        if self._fresh:  # the first picture makes the graph log
            self._fresh = False
            with quiet_native_log():
                found = self._graph.process(as_rgb(image))
        else:
            found = self._graph.process(as_rgb(image))
        return [
            np.array([(joint.x * width, joint.y * height) for joint in hand.landmark], np.float32)
            for hand in found.multi_hand_landmarks or []
        ]

    def close(self) -> None:
        """Stop the graph's threads."""
        self._graph.close()
