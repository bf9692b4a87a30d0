"""The settings of the worker."""

from email.utils import parseaddr
from enum import StrEnum
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from bellhop_ledger.export.settings import ExportSettings
from bellhop_ledger.platform.secrets import EncryptionSettings
from bellhop_ledger.platform.server_address import check_host
from bellhop_ledger.platform.settings import LogLevel, SettingsError
from bellhop_worker.http import AllowList, parse_ports


class SmtpSecurity(StrEnum):
    """How the connection to the SMTP server is kept private."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


USUAL_PORTS = {SmtpSecurity.NONE: 25, SmtpSecurity.STARTTLS: 587, SmtpSecurity.TLS: 465}


class WorkerSettings(EncryptionSettings, ExportSettings):
    """How many jobs at once, of which queues, how long a stop may take, and how mail goes out."""

    worker_concurrency: int = Field(default=8, ge=1, le=1000)
    worker_async_slots: int = Field(default=200, ge=0, le=10_000)
    """How many async bodies run side by side, all in one process; with 0, a worker that has some does not start."""
    worker_max_jobs_per_process: int = Field(default=0, ge=0)
    """After so many jobs a process is replaced, and its memory with it; 0: never for that."""
    worker_max_memory_mib: int = Field(default=0, ge=0)
    """The same, when it holds more memory than that."""
    worker_debugger: bool = False
    """Whether breakpoint() in a body asks on the worker's terminal; then no time limit interrupts a body."""
    bellhop_release: str = Field(default="", max_length=200)
    """What this release is called, such as the tag of its image; empty: by the hash of what it publishes."""
    worker_queues: str = "default,slow,people"
    worker_stop_timeout: float = Field(default=25, ge=0)
    message_budget_seconds: float = Field(default=0.2, gt=0)
    """After so long, the jobs of a message that have not begun go back to the queue."""
    job_log_level: LogLevel = "INFO"
    """From this level on the log of a job keeps what its body logs, whatever LOG_LEVEL is."""
    fetch_allow: str = ""
    fetch_ports: str = "80,443"
    """The ports of public hosts from which pages are fetched for people."""
    smtp_host: str = ""
    """Empty: mails are kept, not sent."""
    smtp_port: int | None = Field(default=None, ge=1, le=65_535)
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_timeout: float = Field(default=10, ge=0.1, le=30)
    """Seconds that each step of sending a mail may take; all together have a minute."""
    mail_from: str = "Bellhop <bellhop@localhost>"

    @property
    def smtp_port_or_usual(self) -> int:
        """The port, or the one that is usual for the kind of connection."""
        return self.smtp_port or USUAL_PORTS[self.smtp_security]

    @field_validator("mail_from")
    @classmethod
    def is_an_address(cls, sender: str) -> str:
        """Refuse a sender that no server would take."""
        _, address = parseaddr(sender)
        if not sender.isprintable() or not all(address.partition("@")):
            raise ValueError("must be an address, such as Bellhop <bellhop@example.org>")
        return sender

    @model_validator(mode="after")
    def debug_at_home(self) -> Self:
        """Refuse a worker without time limits where it matters."""
        if self.worker_debugger and self.production:
            raise SettingsError("WORKER_DEBUGGER: cannot be true when APP_ENV=production")
        return self

    @model_validator(mode="after")
    def keep_the_password_private(self) -> Self:
        """Refuse to send a password in the clear."""
        if self.smtp_user and self.smtp_security is SmtpSecurity.NONE:
            raise SettingsError("SMTP_SECURITY: must be starttls or tls where SMTP_USER is set")
        return self

    @field_validator("smtp_host")
    @classmethod
    def is_a_host(cls, name: str) -> str:
        """Refuse an address with a scheme or a port."""
        return name and check_host(name)

    @field_validator("fetch_allow")
    @classmethod
    def parse_hosts(cls, setting: str) -> str:
        """Refuse an entry that cannot be read, now and not at the first fetch."""
        AllowList.parse(setting)
        return setting

    @field_validator("fetch_ports")
    @classmethod
    def parse_fetch_ports(cls, setting: str) -> str:
        """Refuse what is no port, now and not at the first fetch."""
        parse_ports(setting)
        return setting

    @field_validator("worker_queues")
    @classmethod
    def name_a_queue(cls, queues: str) -> str:
        """Refuse an empty list."""
        if not all(name.strip() for name in queues.split(",")):
            raise ValueError("must be a comma separated list of queues")
        return queues
