"""The areas of a client beside jobs, such as `client.schedules`, for callers that block and for those that await."""

from bellhop_client import bulk_actions, people, queues, schedules, tasks, tokens, workers
from bellhop_client.operations import AsyncMethods, Iteration, Operation, SyncMethods
from bellhop_client.views import Schedule


class ScheduleOperations:
    """What clients do with schedules."""

    list = Iteration(schedules.list_schedules, Schedule)
    get = Operation(schedules.get)
    create = Operation(schedules.create)
    change = Operation(schedules.change)
    delete = Operation(schedules.delete)
    run = Operation(schedules.run)
    pause = Operation(schedules.pause)
    resume = Operation(schedules.resume)
    import_all = Operation(schedules.import_all)


class BulkOperations:
    """What clients do with all jobs that a query finds."""

    count = Operation(bulk_actions.count)
    retry = Operation(bulk_actions.retry)
    cancel = Operation(bulk_actions.cancel)
    get = Operation(bulk_actions.get)
    list = Iteration(bulk_actions.list_actions, bulk_actions.BulkAction)
    undo = Operation(bulk_actions.undo)
    wait = Operation(bulk_actions.wait)


class QueueOperations:
    """What clients do with queues."""

    list = Operation(queues.list_queues)
    pause = Operation(queues.pause)
    resume = Operation(queues.resume)


class WorkerOperations:
    """What operators do with workers."""

    list = Operation(workers.list_workers)
    get = Operation(workers.get)
    drain = Operation(workers.drain)
    resume = Operation(workers.resume)


class TokenOperations:
    """What admins do with service tokens."""

    list = Operation(tokens.list_tokens)
    create = Operation(tokens.create)
    change = Operation(tokens.change)
    rotate = Operation(tokens.rotate)
    revoke = Operation(tokens.revoke)


class PeopleOperations:
    """What admins do with accounts."""

    list = Iteration(people.list_people, people.Person)
    get = Operation(people.get)
    change_role = Operation(people.change_role)
    disable = Operation(people.disable)
    enable = Operation(people.enable)
    export = Operation(people.export)
    delete = Operation(people.delete)
    invite = Operation(people.invite)
    list_invitations = Operation(people.list_invitations)
    resend_invitation = Operation(people.resend_invitation)
    revoke_invitation = Operation(people.revoke_invitation)


class TaskOperations:
    """What clients do with tasks whose body is a service."""

    put = Operation(tasks.put)
    get = Operation(tasks.get)
    delete = Operation(tasks.delete)


class Schedules(SyncMethods, ScheduleOperations):
    """The schedules of a `Client`."""


class Bulk(SyncMethods, BulkOperations):
    """Actions of a `Client` on many jobs."""


class Queues(SyncMethods, QueueOperations):
    """The queues of a `Client`."""


class Workers(SyncMethods, WorkerOperations):
    """The workers that run the jobs of a `Client`."""


class Tokens(SyncMethods, TokenOperations):
    """The service tokens of a `Client`."""


class People(SyncMethods, PeopleOperations):
    """The people who have an account, for a `Client` of an admin."""


class Tasks(SyncMethods, TaskOperations):
    """The tasks of a `Client` whose body is a service."""


class AsyncSchedules(AsyncMethods, ScheduleOperations):
    """The schedules of an `AsyncClient`."""


class AsyncBulk(AsyncMethods, BulkOperations):
    """Actions of an `AsyncClient` on many jobs."""


class AsyncQueues(AsyncMethods, QueueOperations):
    """The queues of an `AsyncClient`."""


class AsyncWorkers(AsyncMethods, WorkerOperations):
    """The workers that run the jobs of an `AsyncClient`."""


class AsyncTokens(AsyncMethods, TokenOperations):
    """The service tokens of an `AsyncClient`."""


class AsyncPeople(AsyncMethods, PeopleOperations):
    """The people who have an account, for an `AsyncClient` of an admin."""


class AsyncTasks(AsyncMethods, TaskOperations):
    """The tasks of an `AsyncClient` whose body is a service."""
