"""Quiet hours: when nobody is to be disturbed, by the clock on the wall of a time zone."""

from datetime import datetime

from bellhop_ledger.notifications.tables import NotificationRule
from bellhop_ledger.platform.zones import find_zone


def is_quiet(rule: NotificationRule, moment: datetime) -> bool:
    """Whether a moment lies in the rule's quiet hours, which may go past midnight. Their end is not one of them."""
    if rule.quiet_from is None or rule.quiet_until is None or rule.time_zone is None:
        return False
    clock = moment.astimezone(find_zone(rule.time_zone)).time()
    if rule.quiet_from < rule.quiet_until:
        return rule.quiet_from <= clock < rule.quiet_until
    return clock >= rule.quiet_from or clock < rule.quiet_until
