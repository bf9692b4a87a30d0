"""Where ended jobs are exported to."""

from pydantic import field_validator

from bellhop_ledger.export.places import place_of
from bellhop_ledger.platform.settings import Settings


class ExportSettings(Settings):
    """What scheduler and workers must know of the export."""

    export_ended_jobs_to: str = ""
    """A folder of the workers, or s3://bucket/prefix; empty: ended jobs are forgotten without being exported."""

    @field_validator("export_ended_jobs_to")
    @classmethod
    def can_be_written_to(cls, address: str) -> str:
        """Refuse what is neither a folder nor a bucket."""
        if address:
            place_of(address)
        return address
