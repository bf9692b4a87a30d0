"""Testing: what a test of an application sees of the jobs that it submits. The fixtures are in `plugin`."""

from bellhop_client.testing.recorded import RecordedJob, RecordedJobs

__all__ = ["RecordedJob", "RecordedJobs"]
