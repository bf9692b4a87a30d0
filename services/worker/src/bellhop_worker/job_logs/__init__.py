"""Logs of jobs: what a body logs and prints is kept with its job, in the process that runs it.

What is said belongs to the run whose `Recording` a context variable names, so bodies may interleave. It waits in a
`LogBuffer`; the `LogWriter` writes it from time to time while the job runs, and the finish writes the rest.
"""

from bellhop_worker.job_logs.recording import Recording, hide, start_recording
from bellhop_worker.job_logs.writer import Take, writer

__all__ = ["Recording", "Take", "hide", "start_recording", "writer"]
