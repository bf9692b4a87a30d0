"""Lines that people paste: each is refused with what is true of it, and with what to write in its place."""

import pytest

from bellhop_ledger.schedules.recurrence import Crontab, NotACrontab

PASTED = {
    # of a user's crontab
    "*/5 * * * * curl http://x": "the command 'curl http://x' is not read",
    "* * * * * cd /srv && php artisan schedule:run >> /dev/null 2>&1": "the user or command 'cd /srv && php",
    "0 0 * * * /usr/bin/backup.sh": "the command '/usr/bin/backup.sh' is not read",
    "0 0 * * * backup.sh": "the command 'backup.sh' is not read",
    "0 0 * * * ls": "the command 'ls' is not read",
    "0 0 * * * foo": "the command 'foo' is not read",
    "0 0 * * * date +\\%F": "the command 'date +\\\\%F' is not read",
    "5 4 * * sun echo 'run at 5 after 4'": 'the command "echo',
    "0\t0\t*\t*\t*\tmake": "the command 'make' is not read",
    "0 0 * * * # nightly": "the comment '# nightly' is not read; a schedule has a note",
    "0 0 * * * #nightly": "the comment '#nightly' is not read",
    "# m h dom mon dow command": "this is a comment",
    "@daily /usr/bin/backup": "the command '/usr/bin/backup' is not read",
    "@reboot": "@reboot is not supported",
    "@reboot /usr/bin/start": "@reboot is not supported",
    # of /etc/crontab
    "0 0 * * * root /bin/true": "the user 'root' and the command '/bin/true' are not read",
    "17 * * * * root cd / && run-parts": "the user 'root' and the command 'cd / && run-parts' are not read",
    "0 0 * * * deploy /bin/true": "the user or command 'deploy /bin/true' is not read",
    # variables
    "CRON_TZ=Asia/Tokyo 0 0 * * *": "CRON_TZ is not read here; name the zone in time_zone",
    "TZ=UTC 0 0 * * *": "TZ is not read here; name the zone in time_zone",
    "TZ=Europe/London\nH 8 * * *": "TZ is not read here",
    "CRON_TZ = UTC": "CRON_TZ is not read here",
    'MAILTO=""': "MAILTO= is no part of a crontab",
    "SHELL=/bin/bash": "SHELL= is no part of a crontab",
    # Kubernetes and other YAML
    'schedule: "0 0 * * *"': "schedule: is no part of a crontab",
    "- cron: '0 0 * * *'": "cron: is no part of a crontab",
    '"0 0 * * *"': "leave out the quotation marks",
    "'0 0 * * *'": "leave out the quotation marks",
    "`0 0 * * *`": "leave out the quotation marks",
    # a blank too many
    "5, 10 * * * *": "'5, 10' has a blank in its list; write 5,10",
    "5 ,10 * * * *": "'5 ,10' has a blank in its list; write 5,10",
    "0 9, 17 * * *": "'9, 17' has a blank in its list",
    "0 9 * * mon, fri": "'mon, fri' has a blank in its list",
    "0 9 * * mon - fri": "there is a blank beside - or /; write 0 9 * * mon-fri",
    "* / 5 * * * *": "there is a blank beside - or /; write */5 * * * *",
    # Go
    "@every 5m": "@every is not supported; give interval_seconds (300) instead",
    "@every 1h30m": "give interval_seconds (5400) instead",
    "@every 90s": "give interval_seconds (90) instead",
    "@every 1.5h": "give interval_seconds (5400) instead",
    "@every": "@every is not supported; give interval_seconds instead",
    "@every day": "@every is not supported; give interval_seconds instead",
    "@every 5 minutes": "@every is not supported; give interval_seconds instead",
    "@every_minute": "write * * * * * instead",
    "@minutely": "write * * * * * instead",
    "@fortnightly": "'@fortnightly' is not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly",
    # Quartz and Spring
    "0 0 12 * * ?": "these are 6, and the seconds or years of Quartz and Spring are not supported",
    "0 0 12 ? * MON-FRI": "these are 6, and the seconds or years",
    "0 15 10 ? * 6L 2030-2035": "these are 7, and the seconds or years",
    "0 * * * * *": "these are 6, and the seconds or years",
    "0 0 1 1 * 2030": "these are 6, and the seconds or years",
    "0 0 12 L-2 * ?": "these are 6, and the seconds or years",
    "* * L * *": "day of month: L (the last one of a month) is not supported; the 1st of the next month may serve",
    "* * LW * *": "day of month: W (the nearest weekday) is not supported",
    "* * * * 5#3": "day of week: # (the nth weekday of a month) is not supported; run on more days",
    "* * ? * *": "day of month: ? is not supported; write * instead",
    # Jenkins and OpenBSD
    "H H * * *": "minute: H (a time of our choice) is not supported; write a number, and spread runs with",
    "H/15 * * * *": "minute: H (a time of our choice) is not supported",
    "H(0-29)/10 * * * *": "minute: H (a time of our choice) is not supported",
    "0~30 * * * *": "minute: ~ (a random time) is not supported",
    # AWS
    "rate(5 minutes)": "rate() is not supported; give interval_seconds (300) instead",
    "rate(1 day)": "give interval_seconds (86400) instead",
    "cron(0 12 * * ? *)": "cron() is not supported",
    # systemd
    "*-*-* 04:00:00": "'04:00:00' is a time of day, as systemd writes it",
    "Mon..Fri 09:00": "'09:00' is a time of day",
    "Mon..Fri *-*-* 09:00:00 UTC": "'09:00:00' is a time of day",
    "Mon *-*-1..7": "this is a calendar event of systemd",
    "OnCalendar=daily": "this is systemd's OnCalendar",
    "daily": "'daily' is written @daily",
    "Hourly": "'Hourly' is written @hourly",
    # several lines, and signs that only look right
    "0 0 * * *\n0 12 * * *": "only one line is read; make a schedule of each line",
    "0 0 * * mon–fri": "'–' is not '-', and only resembles it",
    "∗/5 * * * *": "'∗' is not '*'",
    "5，10 * * * *": "'，' is not ','",
    "\ufeff0 0 * * *": "the invisible character U+FEFF stands in it",
    "0 0 * *\u200b *": "the invisible character U+200B stands in it",
    "0\x000 * * *": "the invisible character U+0000 stands in it",
    # neighbours that are simply wrong
    "*/0 * * * *": "minute: a step must be a whole number from 1 to 60, not '0'",
    "*/-5 * * * *": "minute: a step must be a whole number",
    "5-1/0 * * * *": "minute: a step must be a whole number",
    "0 0 * * lun": "day of week: 'lun' is not a number from 0 to 7 or sun to sat",
    "0 0 * mai *": "month: 'mai' is not a number from 1 to 12 or jan to dec",
    "every 5 minutes": "five fields are wanted: minute, hour, day of month, month, day of week; found 3",
    "0 0 * *": "five fields are wanted: minute, hour, day of month, month, day of week; found 4",
    "   ": "five fields are wanted: minute, hour, day of month, month, day of week; found 0",
}


@pytest.mark.parametrize(("line", "reason"), PASTED.items())
def test_a_pasted_line_is_refused_with_the_true_reason(line: str, reason: str) -> None:
    with pytest.raises(NotACrontab) as refused:
        Crontab.parse(line)

    assert reason in str(refused.value)
    assert not str(refused.value).startswith("crontab")
    assert [(fault.field, fault.message) for fault in refused.value.faults] == [("crontab", str(refused.value))]


@pytest.mark.parametrize(
    "line",
    [
        "0\t0\t*\t*\t*",
        " 0 0 * * * ",
        "0 0 * * *\n",
        "\xa00 0 * * *",
        "@DAILY",
        " @daily\n",
        "0 22-2 * * *",
        "0 0 * * 7",
    ],
)
def test_what_is_a_crontab_with_odd_blanks_is_still_one(line: str) -> None:
    Crontab.parse(line)
