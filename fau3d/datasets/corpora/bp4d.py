"""BP4D: 41 people in eight tasks, of which the expressive part is coded frame by frame."""

from functools import cached_property
from typing import ClassVar

from fau3d.datasets.corpora.aucoding import AuCoding, list_recordings
from fau3d.datasets.corpora.base import CorpusError, FrameLabels, Listing, PublishedCorpus, Recording
from fau3d.datasets.corpora.reading import contents


class Bp4d(PublishedCorpus):
    """`AUCoding/AU_OCC/F001_T1.csv`, and images `F001/T1/0732.jpg` or videos `F001_T1.*` below the root.

    Images are matched by number, with leading zeros or without. Grades of five units (`AUCoding/AU_INT`) are
    read where they are there; occurrence stays that of `AU_OCC` unless `present_from` asks for grades.

    Source:
        Zhang et al., BP4D-Spontaneous: a high-resolution spontaneous 3D dynamic facial expression database,
        Image and Vision Computing 32(10), 2014.
    """

    title: ClassVar[str] = "BP4D"
    request: ClassVar[str] = "https://www.cs.binghamton.edu/~lijun/Research/3DFE/3DFE_Analysis.html"
    licence: ClassVar[str] = "research agreement with Binghamton University; not to be passed on"
    au_set: ClassVar[str] = "bp4d"
    protocols: ClassVar[tuple[str, ...]] = ("bp4d-3fold",)

    def listing(self) -> Listing:
        """See the base class."""
        if not self._coding.occurrence:
            raise CorpusError(
                f"{self.root}: has no files in AUCoding/AU_OCC, found {contents(self.root)}; wanted "
                "F001_T1.csv and others there"
            )
        listing = list_recordings(self.root, list(self._coding.occurrence))
        listing.unmatched.update(self._coding.strays)
        return listing

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        return self._coding.labels(recording.name, self.au_names, self.rules)

    @cached_property
    def _coding(self) -> AuCoding:
        return AuCoding(self.root)
