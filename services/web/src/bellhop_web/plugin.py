"""The door for plug-ins: what their routes and pages may use of the web service. It changes with notice only.

docs/plug-ins.md shows how a plug-in looks. A name that says too little outside of its module has a longer one here.
"""

from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note as note_act
from bellhop_web.auth.callers import Caller, current_caller, current_person, current_user_id
from bellhop_web.auth.callers import caller as find_caller
from bellhop_web.auth.refusals import NotAllowed
from bellhop_web.domain import Domain, Link
from bellhop_web.http.answers import respond
from bellhop_web.http.brief import Omitted, is_short
from bellhop_web.http.cursors import NoSuchPlace as InvalidCursor
from bellhop_web.http.cursors import PageQuery
from bellhop_web.http.downloads import download
from bellhop_web.http.fields import Flag, IdempotencyKey, Limit, Moment
from bellhop_web.http.fields import date_or_seconds as moment_schema
from bellhop_web.http.forms import read_upload
from bellhop_web.http.limits import FORM as LARGEST_FORM
from bellhop_web.http.problems import faults_of
from bellhop_web.http.request import Closed as RequestBody
from bellhop_web.http.request import Parameters, Query
from bellhop_web.http.times import Utc
from bellhop_web.http.uploads import MOST as LARGEST_FILE
from bellhop_web.http.uploads import Upload
from bellhop_web.jobs.requests import Origin, SubmitHeaders, new_job, submit_for
from bellhop_web.jobs.views import JobView, NextAttemptAt, ProgressView, error_line, progress_view
from bellhop_web.jobs.views import view as job_view
from bellhop_web.jobs.waiting import WaitQuery
from bellhop_web.jobs.waiting import ended as find_when_ended
from bellhop_web.jobs.waiting import wait_for_all as wait_for_jobs
from bellhop_web.jobs.wanted import JobRequest
from bellhop_web.live import topic
from bellhop_web.openapi.examples import JOB as EXAMPLE_JOB_ID
from bellhop_web.openapi.library import answers, blueprint, file_answers, file_body
from bellhop_web.ratelimits.guard import charge_targets as charge_target_hosts
from bellhop_web.site.charts import Bar, Mark, Span, bar_chart, line_chart, waterfall
from bellhop_web.site.charts import strip as strip_chart
from bellhop_web.site.format import amount as format_number
from bellhop_web.site.format import length as format_duration
from bellhop_web.site.format import plural
from bellhop_web.site.format import size as format_bytes
from bellhop_web.site.format import stamp as moment_mark
from bellhop_web.site.forms import read_form, show_again, valid_query
from bellhop_web.site.notices import flash
from bellhop_web.site.page import pages_blueprint, render, see_other

__all__ = [  # noqa: RUF022  grouped, and not by the alphabet alone
    # A domain, and who asks
    "Access",
    "Caller",
    "Domain",
    "Link",
    "NotAllowed",
    "current_caller",
    "current_person",
    "current_user_id",
    "find_caller",
    "note_act",
    # Requests of the API
    "Flag",
    "IdempotencyKey",
    "InvalidCursor",
    "Limit",
    "Moment",
    "PageQuery",
    "Parameters",
    "Query",
    "RequestBody",
    "charge_target_hosts",
    "faults_of",
    "moment_schema",
    # Answers of the API
    "EXAMPLE_JOB_ID",
    "Omitted",
    "Utc",
    "answers",
    "blueprint",
    "is_short",
    "respond",
    # Jobs
    "JobRequest",
    "JobView",
    "NextAttemptAt",
    "Origin",
    "ProgressView",
    "SubmitHeaders",
    "WaitQuery",
    "error_line",
    "find_when_ended",
    "job_view",
    "new_job",
    "progress_view",
    "submit_for",
    "wait_for_jobs",
    # Files
    "LARGEST_FILE",
    "LARGEST_FORM",
    "Upload",
    "download",
    "file_answers",
    "file_body",
    "read_upload",
    # Pages
    "flash",
    "pages_blueprint",
    "read_form",
    "render",
    "see_other",
    "show_again",
    "topic",
    "valid_query",
    # Words and charts
    "Bar",
    "Mark",
    "Span",
    "bar_chart",
    "format_bytes",
    "format_duration",
    "format_number",
    "line_chart",
    "moment_mark",
    "plural",
    "strip_chart",
    "waterfall",
]
