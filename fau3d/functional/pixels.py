"""Images of faces brought to one form: gray, cropped, square."""

import numpy as np

# Of ITU-R BT.601, as OpenCV and Pillow turn color into gray.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def gray_of(image: np.ndarray) -> np.ndarray:
    """Turn RGB (H, W, 3), uint8, into gray (H, W, 1), uint8; a gray image passes."""
    if image.shape[2] == 1:
        return image
    return np.rint(image @ _LUMA).astype(np.uint8)[..., None]


def crop_box(image: np.ndarray, box: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """Cut a box out of an image.

    Args:
        image: Shape (H, W, C).
        box: Left, top, right, bottom in pixels, right and bottom not belonging to it.
        margin: Around the box, as a share of its longer side.

    Returns:
        Shape (h, w, C), at least one pixel; what lies outside the image is 0.
    """
    left, top, right, bottom = (float(edge) for edge in box)
    wider = margin * max(right - left, bottom - top)
    x0, y0 = int(np.floor(left - wider)), int(np.floor(top - wider))
    x1, y1 = max(int(np.ceil(right + wider)), x0 + 1), max(int(np.ceil(bottom + wider)), y0 + 1)
    height, width = image.shape[:2]
    if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
        return image[y0:y1, x0:x1]
    cut = np.zeros((y1 - y0, x1 - x0, image.shape[2]), image.dtype)
    rows, columns = slice(max(y0, 0), max(min(y1, height), 0)), slice(max(x0, 0), max(min(x1, width), 0))
    part = image[rows, columns]
    cut[rows.start - y0 : rows.start - y0 + len(part), columns.start - x0 :][:, : part.shape[1]] = part
    return cut


def pad_to_square(image: np.ndarray) -> np.ndarray:
    """Put zeros around an image (H, W, C) until it is square, the image in the middle."""
    height, width = image.shape[:2]
    side = max(height, width)
    if height == width:
        return image
    square = np.zeros((side, side, image.shape[2]), image.dtype)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = image
    return square
