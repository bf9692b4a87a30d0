"""The door for plug-ins: what their routes and pages may use of the web service. It changes with notice only."""

from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import Caller, NotAllowed, caller, current_caller, current_person, current_user_id
from bellhop_web.domain import Domain, Link
from bellhop_web.http.answers import respond
from bellhop_web.http.brief import OMITTED, is_short
from bellhop_web.http.cursors import NoSuchPlace, PageQuery
from bellhop_web.http.downloads import download
from bellhop_web.http.fields import Closed, IdempotencyKey, Limit, Parameters, Query, date_or_seconds, moment, switch
from bellhop_web.http.forms import LimitedRequest
from bellhop_web.http.limits import FORM, WrongType
from bellhop_web.http.problems import faults_of
from bellhop_web.http.request import request_id
from bellhop_web.http.times import Utc
from bellhop_web.http.uploads import MOST, Upload
from bellhop_web.jobs.requests import JobRequest, Origin, SubmitHeaders, hash_of, new_job, submit_for
from bellhop_web.jobs.views import NEXT_ATTEMPT, JobView, ProgressView, error_line, progress_view, view
from bellhop_web.jobs.waiting import WaitQuery, ended, wait_for
from bellhop_web.live import topic
from bellhop_web.openapi.examples import JOB
from bellhop_web.openapi.library import answers, blueprint, file_answers
from bellhop_web.ratelimits.guard import RateLimitGuard
from bellhop_web.site.charts import Bar, Mark, Span, bar_chart, line_chart, strip, waterfall
from bellhop_web.site.format import amount, length, plural, size, stamp
from bellhop_web.site.forms import read_form, read_query, show_again
from bellhop_web.site.notices import flash
from bellhop_web.site.page import pages_blueprint, render, see_other

__all__ = [
    "FORM",
    "JOB",
    "MOST",
    "NEXT_ATTEMPT",
    "OMITTED",
    "Access",
    "Bar",
    "Caller",
    "Closed",
    "Domain",
    "IdempotencyKey",
    "JobRequest",
    "JobView",
    "Limit",
    "LimitedRequest",
    "Link",
    "Mark",
    "NoSuchPlace",
    "NotAllowed",
    "Origin",
    "PageQuery",
    "Parameters",
    "ProgressView",
    "Query",
    "RateLimitGuard",
    "Span",
    "SubmitHeaders",
    "Upload",
    "Utc",
    "WaitQuery",
    "WrongType",
    "amount",
    "answers",
    "bar_chart",
    "blueprint",
    "caller",
    "current_caller",
    "current_person",
    "current_user_id",
    "date_or_seconds",
    "download",
    "ended",
    "error_line",
    "faults_of",
    "file_answers",
    "flash",
    "hash_of",
    "is_short",
    "length",
    "line_chart",
    "moment",
    "new_job",
    "pages_blueprint",
    "plural",
    "progress_view",
    "read_form",
    "read_query",
    "render",
    "request_id",
    "respond",
    "see_other",
    "show_again",
    "size",
    "stamp",
    "strip",
    "submit_for",
    "switch",
    "topic",
    "view",
    "wait_for",
    "waterfall",
]
