"""The heartbeat of the leading scheduler, which also notices the services whose own has stopped."""

from bellhop_ledger.ledger import heartbeats, service_events
from bellhop_ledger.ledger.heartbeats import Service, own_name
from bellhop_ledger.platform.database import transaction


class Heartbeat:
    """That of this process, for as long as it leads."""

    def __init__(self) -> None:
        self._name = own_name(Service.SCHEDULER)
        self._has_started = False

    def beat(self) -> None:
        """Record that a scheduler is at work, and which services are silent: itself, too, where it was."""
        with transaction() as db:
            service_events.notice_silent(db)
            if not self._has_started:
                service_events.note_start(db, self._name, Service.SCHEDULER)
            heartbeats.beat(db, self._name, Service.SCHEDULER)
        self._has_started = True

    def stop(self) -> None:
        """Record that this scheduler does not lead any more, if it has led."""
        if self._has_started:
            self._has_started = False
            with transaction() as db:
                service_events.note_stop(db, self._name)

    def forget(self) -> None:
        """Forget the services that are gone, old counts and old events."""
        with transaction() as db:
            heartbeats.forget(db)
            service_events.forget_events(db)
