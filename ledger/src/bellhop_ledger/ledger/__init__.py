"""The ledger: one row a job. Each transition of its state is one statement, named below with who calls it.

              retry by a person
       +--------------------------------------------------------------+
       |                                                              |
       v            claim                       finish                |
    queued ----------------------> running -----------------> succeeded, failed, cancelled ----> deleted
     ^  ^                           |   |                             ^
     |  |   handed back, or its     |   |                             |
     |  +-- lease was lost ---------+   |                             |
     |                                  |                             |
     | due                              | failed, is tried again      |
     |                                  v                             |
    scheduled <-------------------------+                             |
        |                                                             |
        +---- cancelled while it waits (queued, blocked as well) -----+

    submitted, due, queued --- its queue, task or host is paused ---> blocked --- resumed ---> queued

A submission writes `scheduled`, `queued`, or `blocked` with what it waits for (see holds.py). An atomic job is never
`running`: `claim.LOCK` locks its row, and the finish in the same transaction ends it, so a crash leaves it queued. A
queued job whose message is lost is sent again.

A leased job whose work goes on outside has no worker: its lease is renewed by whoever does the work (see outside.py).

The finish also files the row: unfinished jobs are a table of their own, and ended ones are kept by the day on which
they are forgotten (see retention/tiers.py). What ends without a worker is filed by the scheduler a moment later.

    (new) -> scheduled | queued | blocked
        submit.INSERT in submit.submit_all
            bellhop_ledger.schedules.run, bellhop_web.jobs.group_commit, bellhop_web.jobs.requests
        submit.INSERT in submit.write
            bellhop_ledger.ledger.adopt
        submit.MADE in submit.submit_runs
            bellhop_scheduler.firing
        in_sql.submit.ACCEPT in in_sql.submit.definitions
            bellhop_ledger.migrations.sql_submit
    (new) -> failed | cancelled
        adopt.REFUSE in adopt.refuse
            bellhop_ledger.ledger.revoke, bellhop_worker.celery_clients.adoption
    scheduled -> queued | blocked
        dispatch.ENQUEUE_DUE in dispatch.enqueue_due
            bellhop_scheduler.maintenance
    queued -> blocked
        holds.BLOCK in holds.block
            bellhop_scheduler.holding
    blocked -> queued | blocked
        holds.RELEASE in holds.release
            bellhop_scheduler.holding
    queued -> running
        claim.CLAIM in claim.claim
            bellhop_worker.engine.runner
        claim.CLAIM_EACH in claim.claim_each
            bellhop_worker.async_pool.ledger
    queued | running -> succeeded | failed | cancelled | scheduled
        finish.FINISH in finish.finish
            bellhop_web.completions.ending, bellhop_worker.async_pool.ledger, bellhop_worker.engine.runner
        finish.FINISH_AND_LOG in finish.finish
            bellhop_web.completions.ending, bellhop_worker.async_pool.ledger, bellhop_worker.engine.runner
    running -> queued
        finish.HAND_BACK in finish.hand_back
            bellhop_worker.async_pool.ledger, bellhop_worker.engine.runner
        finish.HAND_BACK_LEASES in finish.hand_back_leases
            bellhop_worker.async_pool.supervisor, bellhop_worker.engine.lease_renewer
    running -> queued | failed | cancelled
        sweep.LOSE_EXPIRED in sweep.lose_expired
            bellhop_scheduler.maintenance
        sweep.LOSE_LEASES in sweep.lose_leases
            bellhop_worker.async_pool.supervisor, bellhop_worker.engine.lease_renewer
    blocked | scheduled | queued -> scheduled | queued
        control.MOVE in control.move
            plug-ins
    blocked | scheduled | queued -> cancelled
        control.CANCEL_WAITING in control.cancel
            bellhop_ledger.ledger.revoke, bellhop_web.jobs.api_job, bellhop_web.jobs.pages
        many.CANCEL_MANY in many.cancel_many
            bellhop_ledger.bulk_actions.executing
        sweep.CANCEL_EXPIRED in sweep.cancel_expired
            bellhop_scheduler.cancelling
    running -> cancelled
        outside.CANCEL_ASKED in outside.cancel_asked
            bellhop_scheduler.cancelling
    queued -> failed
        sweep.FAIL_UNKNOWN in sweep.fail_unknown
            bellhop_scheduler.maintenance
    failed | cancelled -> queued
        control.RETRY in control.retry
            bellhop_web.jobs.api_job, bellhop_web.jobs.pages
        many.RETRY_MANY in many.retry_many
            bellhop_ledger.bulk_actions.executing
    queued | running -> queued
        restore.REQUEUE_AFTER_RESTORE in restore.requeue_after_restore
            bellhop_ledger.migrations.after_restore
    succeeded | failed | cancelled -> succeeded | failed | cancelled
        retention.forget.FILE_ENDED in retention.forget.file_ended
            bellhop_scheduler.forgetting
    succeeded | failed | cancelled -> (deleted)
        retention.forget.DROP_DAY in retention.forget.drop_day
            bellhop_scheduler.forgetting
        retention.forget.DELETE_EXPIRED in retention.forget.prune_kept
            bellhop_scheduler.forgetting
"""
