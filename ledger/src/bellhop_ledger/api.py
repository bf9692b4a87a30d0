"""The door to the engine: what plug-ins and applications may use of it. It changes with notice only."""

from bellhop_ledger.accounts.users import Role, User
from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.files import File, NoSuchFile, Writer, chunks, find, read_chunk, write_chunk
from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.past import next_attempt_at
from bellhop_ledger.ledger.submit import NewJob, submit, submit_all
from bellhop_ledger.ledger.tables import Job, LiveJob, State, Time
from bellhop_ledger.mail import Letter, Link, Mail, send_mail
from bellhop_ledger.migrations.adopt import adopt_tables
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.clock import uuid7
from bellhop_ledger.platform.database import Base, after_commit, metadata_of, transaction
from bellhop_ledger.platform.extensions import in_search_path
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.plugin_settings import PluginSettings
from bellhop_ledger.platform.secrets import keyed
from bellhop_ledger.platform.server_address import check_web_address
from bellhop_ledger.platform.settings import Settings

__all__ = [
    "Base",
    "File",
    "Job",
    "Letter",
    "Link",
    "LiveJob",
    "Mail",
    "NewJob",
    "NoSuchFile",
    "PluginSettings",
    "Role",
    "Settings",
    "State",
    "Time",
    "User",
    "Writer",
    "adopt_tables",
    "after_commit",
    "announce_changed",
    "check_web_address",
    "chunks",
    "cleaned",
    "clock",
    "control",
    "find",
    "get_logger",
    "in_search_path",
    "keyed",
    "metadata_of",
    "next_attempt_at",
    "read_chunk",
    "send_mail",
    "submit",
    "submit_all",
    "transaction",
    "uuid7",
    "write_chunk",
]
