"""Writing the reports that a run was asked for, all from its record."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from testing.bdd.options import RunOptions
from testing.bdd.record import RunRecord

__all__ = ["write_reports"]


def write_reports(record: RunRecord, *, chosen: RunOptions) -> None:
    """Write the files that were asked for, and annotations where CI reads them."""
    # Each report is imported only where it is wanted: start-up time counts.
    if chosen.report_html is not None:
        from testing.bdd.reports import html

        html.write(record, path=chosen.report_html)
    if chosen.report_junit is not None:
        from testing.bdd.reports import junit

        junit.write(record, path=chosen.report_junit)
    if chosen.report_messages is not None:
        from testing.bdd.reports import messages

        messages.write(record, path=chosen.report_messages)
    if {"GITHUB_ACTIONS", "GITEA_ACTIONS"} & os.environ.keys():
        from testing.bdd.reports import annotations

        for line in annotations.lines(record, environment=os.environ):
            sys.stdout.write(f"{line}\n")
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(summary).open("a", encoding="utf-8") as page:
                page.write(annotations.summary_markdown(record))
