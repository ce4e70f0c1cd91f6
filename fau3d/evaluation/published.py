"""Accuracy that others have published, by protocol; never measured here."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

_FILE = Path(__file__).with_name("published_figures.csv")


@dataclass(frozen=True)
class PublishedFigures:
    """One method's F1 under one protocol.

    Attributes:
        method: As its authors call it.
        f1: Unit, and `mean`, to percent; mostly the mean alone.
        source: Who published it.
    """

    method: str
    f1: dict[str, float]
    source: str


def published_figures(protocol: str) -> list[PublishedFigures]:
    """Give what has been published under a protocol, in rising order of the mean.

    Args:
        protocol: Its name; one for which nothing is known gives nothing.
    """
    table = pd.read_csv(_FILE)
    found = [
        PublishedFigures(
            str(method), dict(zip(rows["unit"], rows["f1"].astype(float))), rows["source"].iloc[0]
        )
        for method, rows in table[table["protocol"] == protocol].groupby("method", sort=False)
    ]
    return sorted(found, key=lambda figures: figures.f1["mean"])
