"""A folder of meetings: found, analysed once, and summed up in a workbook and a page."""

from signals.batch.files import find_files
from signals.batch.run import PAGE, WORKBOOK, Batch, BatchWatcher, Plan, watch
from signals.batch.sheet import Details, Sheet, read_sheet
from signals.batch.summary import Entry, Failure, Meeting, Result

__all__ = [
    "PAGE",
    "WORKBOOK",
    "Batch",
    "BatchWatcher",
    "Details",
    "Entry",
    "Failure",
    "Meeting",
    "Plan",
    "Result",
    "Sheet",
    "find_files",
    "read_sheet",
    "watch",
]
