"""Adopt: a message that a plain Celery client sent, without a row, gets its row on arrival."""

from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import ValidationError
from sqlalchemy.orm import Session

from bellhop.ledger.submit import NewJob, submit_all
from bellhop.sealing import MASK
from bellhop.signatures import Signature


def job_id_of(task_id: str) -> UUID:
    """Give the job's id for a Celery task id: the same, or one made from it when it is not a UUID."""
    try:
        return UUID(task_id)
    except ValueError:
        return uuid5(NAMESPACE_OID, task_id)


def adopt(db: Session, signature: Signature[..., Any], task_id: str, args: list[Any], kwargs: dict[str, Any]) -> UUID:
    """Write the job's row if there is none yet and give its id.

    The arguments are stored as they came, but for secrets: a wrong one fails the job, where everybody can see it.
    """
    named = dict(zip(signature.arguments.model_fields, args, strict=False)) | kwargs
    job = NewJob(
        signature,
        _storable(signature, named) if signature.secrets else named,
        id=job_id_of(task_id),
        submitter="celery",
    )
    submit_all(db, [job], publish=False)
    return job.id


def _storable(signature: Signature[..., Any], args: dict[str, Any]) -> dict[str, Any]:
    try:
        return signature.arguments(**args).model_dump(mode="json")
    except ValidationError:
        return {name: MASK if name in signature.secrets else value for name, value in args.items()}
