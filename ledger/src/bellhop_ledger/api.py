"""The door to the engine: what plug-ins and applications may use of it. It changes with notice only.

docs/plug-ins.md shows how a plug-in looks. A name that says too little outside of its module has a longer one here.
"""

from bellhop_ledger.accounts.personal import PersonalData, PersonalRows
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.users import User
from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.files import File, NewFile, NoSuchFile, read_file
from bellhop_ledger.files import find as find_file
from bellhop_ledger.ledger.control import move as move_job
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.past import next_attempt_at
from bellhop_ledger.ledger.submit import NewJob, submit, submit_all
from bellhop_ledger.ledger.tables import Job, LiveJob, State
from bellhop_ledger.mail import Letter, Link, Mail, send_mail
from bellhop_ledger.migrations.adopt import adopt_tables, follow_jobs
from bellhop_ledger.name_search import find_by_name, name_search_indexes, search_key
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.csvtext import BOM as CSV_BOM
from bellhop_ledger.platform.csvtext import Table as CsvTable
from bellhop_ledger.platform.csvtext import cell_text as csv_cell_text
from bellhop_ledger.platform.database import Time, after_commit, metadata_of, transaction, uuid7
from bellhop_ledger.platform.jsontext import cleaned as storable_text
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.money import Amount, Currency, NotMoney, TypedCurrency
from bellhop_ledger.platform.money import digits_of as currency_digits
from bellhop_ledger.platform.money import major_of as major_units
from bellhop_ledger.platform.money import minor_of as minor_units
from bellhop_ledger.platform.money import words_of as money_words
from bellhop_ledger.platform.plugin_settings import PluginSettings
from bellhop_ledger.platform.server_address import check_web_address
from bellhop_ledger.platform.settings import Settings

__all__ = [  # noqa: RUF022  grouped, and not by the alphabet alone
    # Jobs
    "Actor",
    "Job",
    "LiveJob",
    "NewJob",
    "State",
    "move_job",
    "next_attempt_at",
    "submit",
    "submit_all",
    # Tables and transactions
    "PersonalData",
    "PersonalRows",
    "Time",
    "User",
    "Role",
    "adopt_tables",
    "after_commit",
    "announce_changed",
    "follow_jobs",
    "metadata_of",
    "transaction",
    # Files
    "File",
    "NewFile",
    "NoSuchFile",
    "find_file",
    "read_file",
    # Mail
    "Letter",
    "Link",
    "Mail",
    "send_mail",
    # Search by name
    "find_by_name",
    "name_search_indexes",
    "search_key",
    "storable_text",
    # Money, and tables for spreadsheets
    "Amount",
    "Currency",
    "NotMoney",
    "TypedCurrency",
    "currency_digits",
    "major_units",
    "minor_units",
    "money_words",
    "CSV_BOM",
    "CsvTable",
    "csv_cell_text",
    # Settings, time and log
    "PluginSettings",
    "Settings",
    "check_web_address",
    "clock",
    "get_logger",
    "uuid7",
]
