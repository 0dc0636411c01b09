"""Where a block stands on a page, and how it is turned to be upright as the page is seen.

A page may be turned by its viewer (/Rotate) and cut to a box whose corner is not the origin: places
found on the page as it is seen are told here in the page's own coordinates, and back.
"""

from __future__ import annotations

Box = tuple[float, float, float, float]
"""Two opposite corners, points."""
_HALF_TURN = 180


def is_across(turn: int) -> bool:
    """Tell whether width and height change places where a page is turned so."""
    return turn % _HALF_TURN != 0


def seen_size(page_box: Box, turn: int) -> tuple[float, float]:
    """Give width and height of a page as it is seen.

    Args:
        page_box: x0, y0, x1, y1 of the page in its own coordinates.
        turn: Degrees clockwise that viewers turn it by.
    """
    width, height = page_box[2] - page_box[0], page_box[3] - page_box[1]
    return (height, width) if is_across(turn) else (width, height)


def to_user_space(seen: Box, page_box: Box, turn: int) -> Box:
    """Give a place on the page as it is seen in the coordinates of PDF.

    Args:
        seen: Left, top, right, bottom from the upper left corner of what is seen, points.
        page_box: x0, y0, x1, y1 of the page in its own coordinates.
        turn: Degrees clockwise that viewers turn it by.

    Returns:
        x0, y0, x1, y1 in user space.
    """
    left, top, right, bottom = seen
    x0, y0, x1, y1 = page_box
    match turn:
        case 90:
            return x0 + top, y0 + left, x0 + bottom, y0 + right
        case 180:
            return x1 - right, y0 + top, x1 - left, y0 + bottom
        case 270:
            return x1 - bottom, y1 - right, x1 - top, y1 - left
        case _:
            return x0 + left, y1 - bottom, x0 + right, y1 - top


def hold_corner(box: Box, size: tuple[float, float], turn: int) -> Box:
    """Cut a place to a size, holding the corner that is seen at the upper left.

    Args:
        box: x0, y0, x1, y1 in user space.
        size: Width and height in user space.
        turn: Degrees clockwise that viewers turn the page by.
    """
    (x0, y0, x1, y1), (width, height) = box, size
    left = x1 - width if turn in (180, 270) else x0
    bottom = y1 - height if turn in (0, 270) else y0
    return left, bottom, left + width, bottom + height


def upright_matrix(
    box_size: tuple[float, float], turn: int
) -> tuple[int, int, int, int, float, float]:
    """Give the matrix that lays upright content into a box of a turned page.

    Args:
        box_size: Width and height of the box in user space.
        turn: Degrees clockwise that viewers turn the page by.
    """
    width, height = box_size
    match turn:
        case 90:
            return 0, 1, -1, 0, width, 0.0
        case 180:
            return -1, 0, 0, -1, width, height
        case 270:
            return 0, -1, 1, 0, 0.0, height
        case _:
            return 1, 0, 0, 1, 0.0, 0.0
