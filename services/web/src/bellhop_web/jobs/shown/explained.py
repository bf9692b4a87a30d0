"""Explained: what the names of Bellhop's own errors mean, for people who have not written them."""

from bellhop_ledger.ledger.tables import Job

OF_REQUESTS = {
    "Unexpected": "The answer was not what the job expects, and another try would not help or none is left.",
    "Unanswered": "There was no answer, or one after which the request is tried again.",
    "Later": "The server asked for another try at a later time.",
}
"""Errors of http.request."""
ANYWHERE = {
    "WorkerLost": "The process that ran it died, or lost touch with the database for longer than its lease.",
    "CompletionLost": "The service that does the work has not been heard of in time.",
    "Expired": "It had not begun by the time by which it had to.",
    "UnknownTask": "No worker knows this task any more.",
    "TimeLimitExceeded": "It ran for longer than its task may.",
    "SoftTimeLimitExceeded": "It ran for longer than its task may.",
    "Misfit": "Its arguments or its result are not what its task declares.",
    "NotAResult": "The body returned something that would have to be awaited first.",
    "UnstorableResult": "The body returned something that cannot be stored.",
    "EndpointRefused": "The service that is the body of this task refused the job.",
    "EndpointFailed": "The service that is the body of this task failed, or could not be reached.",
    "EndpointBusy": "The service that is the body of this task asked for another try at a later time.",
}


def explained(job: Job) -> str:
    """Return what the type of a job's error means; nothing for an error of a body's own."""
    type = (job.error or {}).get("type", "")
    known = ANYWHERE | OF_REQUESTS if job.task == "http.request" else ANYWHERE
    return known.get(type, "")
