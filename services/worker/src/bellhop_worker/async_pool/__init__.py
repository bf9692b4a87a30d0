"""The pool of async bodies: one process beside those of the prefork pool, in which hundreds of coroutines run.

The main process receives the messages, as it does for all other tasks (`messages`), and hands the jobs that they name
to the process of the pool (`pool`) over a socket (`wire`). There they wait for a slot, are claimed, run and finished
(`runner`, `attempt`), many with one statement, which threads send (`ledger`). A thread of the main process keeps the
leases, passes on what is to be stopped and sees to a process that died (`supervisor`). A thread of the process itself
names the body that blocks the loop (`watchdog`).
"""
