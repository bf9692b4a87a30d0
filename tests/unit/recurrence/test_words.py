"""What a crontab means, in words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_ledger.schedules.recurrence import Crontab, NotACrontab
from bellhop_ledger.schedules.recurrence.fields import FIELDS, Field

WORDS = {
    "* * * * *": "every minute",
    "*/5 * * * *": "every 5 minutes",
    "0 * * * *": "every hour",
    "15 * * * *": "every hour at minute 15",
    "0 */2 * * *": "every 2 hours",
    "10 */2 * * *": "every 2 hours at minute 10",
    "5/20 * * * *": "every 20 minutes from minute 5 to 45 of every hour",
    "0-10 * * * *": "every minute from minute 0 to 10 of every hour",
    "3,17,40 * * * *": "at minutes 3, 17 and 40 of every hour",
    "3,17,40 1,5,9 * * *": "at minutes 3, 17 and 40 in the hours 01, 05 and 09",
    "*/30 */2 * * *": "every 30 minutes of every 2nd hour from 00:00",
    "* 2 * * *": "every minute from 02:00 to 02:59",
    "*/15 9-17 * * mon-fri": "every 15 minutes from 09:00 to 17:59 on weekdays",
    "*/15 22-2 * * *": "every 15 minutes from 22:00 to 02:59",
    "0 9-17 * * 1-5": "every hour from 09:00 to 17:00 on weekdays",
    "0 22-2 * * sat,sun": "every hour from 22:00 to 02:00 on Saturdays and Sundays",
    "0 8-20/3 * * *": "every 3 hours from 08:00 to 20:00",
    "30 2 * * *": "every day at 02:30",
    "0,30 2 * * *": "every day at 02:00 and 02:30",
    "0 1,2,3,5,8 * * *": "every day at 01:00, 02:00, 03:00, 05:00 and 08:00",
    "30 2 * * mon-fri": "every weekday at 02:30",
    "30 2 * * 7": "every Sunday at 02:30",
    "30 2 * * 0,3": "every Wednesday and Sunday at 02:30",
    "0 0 * nov-feb sat,sun": "every Saturday and Sunday from November to February at 00:00",
    "0 0 * 3 *": "every day in March at 00:00",
    "*/5 * * 1,7 *": "every 5 minutes in January and July",
    "0 0 1 * *": "at 00:00 on the 1st of each month",
    "0 6 1,2,3,22 * *": "at 06:00 on the 1st, 2nd, 3rd and 22nd of each month",
    "0 0 1-7 * *": "at 00:00 on the 1st to the 7th of each month",
    "0 0 */2 * *": "at 00:00 on every 2nd day from the 1st to the 31st of each month",
    "0 0 29 2 *": "at 00:00 on the 29th of February",
    "0 0 11-13 6-8 *": "at 00:00 on the 11th, 12th and 13th of each month from June to August",
    "* * 1 * *": "every minute on the 1st of each month",
    "0 0 13 * fri": "at 00:00 on the 13th of each month and on every Friday",
    "0 0 1 6-8 5": "at 00:00 on the 1st of each month from June to August and on every Friday from June to August",
    "0 0 */9 * mon,tue": "at 00:00 on the 1st, 10th, 19th and 28th of each month, if that is a Monday or Tuesday",
    "0 0 1-31 * mon": "every day at 00:00",
    "0 0 5 * 0-7": "every day at 00:00",
    "@yearly": "at 00:00 on the 1st of January",
    "@monthly": "at 00:00 on the 1st of each month",
    "@weekly": "every Sunday at 00:00",
    "@daily": "every day at 00:00",
    "@hourly": "every hour",
}


@pytest.mark.parametrize(("text", "words"), WORDS.items())
def test_a_crontab_is_said_in_plain_english(text: str, words: str) -> None:
    assert Crontab.parse(text).words == words


def terms_of(field: Field) -> st.SearchStrategy[str]:
    """Return lists of anything that a field takes."""
    value = st.integers(field.low, field.high).map(str)
    if field.names:
        value |= st.sampled_from(field.names)
    span = st.just("*") | value | st.tuples(value, value).map("-".join)
    step = st.integers(1, field.high - field.low + 1).map(str)
    return st.lists(span | st.tuples(span, step).map("/".join), min_size=1, max_size=3).map(",".join)


def parse(text: str) -> Crontab | str:
    """Read a crontab, or give why it is none."""
    try:
        return Crontab.parse(text)
    except NotACrontab as error:
        return str(error)


@given(st.tuples(*(terms_of(field) for field in FIELDS)).map(" ".join))
def test_every_accepted_crontab_has_words_and_a_next_run(text: str) -> None:
    crontab = parse(text)
    if isinstance(crontab, str):
        assert "never comes in month" in crontab
        return

    assert crontab.words.startswith(("every ", "at "))
    assert "  " not in crontab.words
    assert crontab.next_after(datetime(2026, 3, 4, tzinfo=UTC)) is not None
