"""Many videos: analysed one by one or side by side, and told of in one table and on one page."""

from fau3d.apis.batch.running import BatchReport, run_batch
from fau3d.apis.batch.summary import VideoSummary, read_video_summary, summary_rows

__all__ = ["BatchReport", "VideoSummary", "read_video_summary", "run_batch", "summary_rows"]
