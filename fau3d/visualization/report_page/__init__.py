"""One page of HTML that tells the story of an analysed video: timelines, events, expressions."""

from fau3d.visualization.report_page.data import (
    EVENT_KINDS,
    CoOccurrenceTable,
    FaceReport,
    ReportData,
    ReportEvent,
    Statistic,
)
from fau3d.visualization.report_page.page import write_report_page

__all__ = [
    "EVENT_KINDS",
    "CoOccurrenceTable",
    "FaceReport",
    "ReportData",
    "ReportEvent",
    "Statistic",
    "write_report_page",
]
