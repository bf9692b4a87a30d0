"""The id of a request runs through all that it causes."""

from uuid import uuid4

from tests.stack import Stack, wait_until


def test_a_request_s_id_stands_in_its_job_and_in_the_jobs_and_mails_of_that_job(stack: Stack) -> None:
    id = f"find-{uuid4().hex}"

    post = stack.ended(stack.submit("test.post", args={"to": "ids@example.org"}, headers={"X-Request-Id": id})["id"])

    [(mail_job,)] = stack.sql("SELECT job_id FROM mails WHERE id = %s", post["result"])
    assert (post["request_id"], stack.ended(mail_job)["request_id"]) == (id, id)
    for event, job in (("job_succeeded", post["id"]), ("mail_sent", mail_job), ("job_succeeded", mail_job)):
        wait_until(lambda event=event, job=job: said(stack, event, job, id))


def said(stack: Stack, *words: str) -> bool:
    """Whether one line of the worker has all of these words."""
    return any(all(word in line for word in words) for line in stack.log("worker").splitlines())


def test_a_mail_of_a_request_carries_its_id(stack: Stack) -> None:
    id = f"find-{uuid4().hex}"
    body = {"email": f"{id}@example.org", "password": "correct horse battery"}

    assert stack.client().post("/api/account", json=body, headers={"X-Request-Id": id}).status_code == 202

    found = stack.sql("SELECT request_id FROM jobs JOIN mails ON job_id = jobs.id WHERE recipient = %s", body["email"])
    assert found == [(id,)]
