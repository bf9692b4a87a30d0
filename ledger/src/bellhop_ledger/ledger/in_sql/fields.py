"""SQL fields: the functions in Postgres by which `submit()` checks what is said of a job besides its arguments."""

from bellhop.overrides import LONGEST_LABEL, LONGEST_TAG, MOST_TAGS, TAG_SHAPE
from bellhop.priority import HIGHEST_PRIORITY, LOWEST_PRIORITY
from bellhop.signature import MOST_ATTEMPTS, OVERRIDABLE, OVERRIDES
from bellhop.text import ONE_LINE
from bellhop_ledger.ledger.due import LONGEST_DELAY
from bellhop_ledger.ledger.in_sql.tasks import LONGEST_NAME, PUBLISHED
from bellhop_ledger.ledger.submit import KEY_PATTERN, KEY_WORDS
from bellhop_ledger.platform.liveness import LATE
from bellhop_ledger.tasks.known import SERVED


def shape(pattern: str) -> str:
    """Return a pattern that a whole text must fit as a regular expression of Postgres, in SQL and in ASCII."""
    written = "".join(sign if sign.isascii() else f"\\U{ord(sign):08x}" for sign in pattern)
    return "'^(?:" + written.replace("'", "''") + ")$'"


KINDS = {
    "task": "string",
    "args": "object",
    "run_at": "string",
    "delay": "number",
    "priority": "number",
    "key": "string",
    "queue": "string",
    "tags": "array",
    "label": "string",
    "max_attempts": "number",
    "timeout": "number",
    "expires": "string",
}
"""The fields of a job that is wanted, and what each is in JSON."""
WORDS = {"string": "text", "number": "a number", "object": "an object", "array": "a list"}
_VALUES = ",\n               ".join(f"('{name}', '{kind}', '{WORDS[kind]}')" for name, kind in KINDS.items())
DATE_WORDS = "must be a date in ISO 8601, such as 2030-01-31T09:30:00Z, between the years 1 and 9999"

FIELDS = f"""
CREATE OR REPLACE FUNCTION check_fields(place text, job jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    IF jsonb_typeof(job) <> 'object' THEN PERFORM refuse_submission(rtrim(place, '.'), 'must be an object'); END IF;
    SELECT given.name, known.words INTO wrong
    FROM jsonb_each(job) AS given(name, value) LEFT JOIN (
        VALUES {_VALUES}
    ) AS known(name, kind, words) ON known.name = given.name
    WHERE known.kind IS DISTINCT FROM jsonb_typeof(given.value) ORDER BY given.name LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_submission(place || left(wrong.name, {LONGEST_NAME}),
                                  coalesce('must be ' || wrong.words, 'is not known here'));
    END IF;
    IF NOT job ? 'task' THEN PERFORM refuse_submission(place || 'task', 'is required'); END IF;
    IF NOT coalesce(job ->> 'key', 'k') ~ {shape(KEY_PATTERN)} THEN
        PERFORM refuse_submission(place || 'key', 'must be {KEY_WORDS}');
    END IF;
    PERFORM check_number(place || 'priority', job -> 'priority', {LOWEST_PRIORITY}, {HIGHEST_PRIORITY}, true);
    PERFORM check_number(place || 'delay', job -> 'delay', 0, {LONGEST_DELAY}, false);
    PERFORM check_number(place || 'max_attempts', job -> 'max_attempts', 1, {MOST_ATTEMPTS}, true);
    IF job ? 'run_at' AND job ? 'delay' THEN
        PERFORM refuse_submission(place || 'delay', 'must not be given together with run_at');
    END IF;
    PERFORM check_date(place || 'run_at', job ->> 'run_at'), check_date(place || 'expires', job ->> 'expires');
    PERFORM check_tags(place || 'tags', job -> 'tags');
    IF NOT coalesce(length(job ->> 'label') <= {LONGEST_LABEL}, true) THEN
        PERFORM refuse_submission(place || 'label', 'must have at most {LONGEST_LABEL} characters');
    END IF;
    IF NOT coalesce(job ->> 'label' ~ {shape(ONE_LINE.pattern)}, true) THEN
        PERFORM refuse_submission(place || 'label', 'must be {ONE_LINE.words}');
    END IF;
END $$
"""
NUMBER = """
CREATE OR REPLACE FUNCTION check_number(field text, value jsonb, lowest bigint, highest bigint, whole boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF whole AND value::text ~ '[.]' THEN PERFORM refuse_submission(field, 'must be an integer'); END IF;
    IF CAST(value AS numeric) < lowest THEN PERFORM refuse_submission(field, 'must be at least ' || lowest); END IF;
    IF CAST(value AS numeric) > highest THEN PERFORM refuse_submission(field, 'must be at most ' || highest); END IF;
END $$
"""
DATE = rf"""
CREATE OR REPLACE FUNCTION check_date(field text, value text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF value IS NULL THEN RETURN; END IF;
    IF value !~ '^\d{{4}}-\d\d-\d\d' OR NOT pg_input_is_valid(value, 'timestamptz') THEN
        PERFORM refuse_submission(field, '{DATE_WORDS}');
    END IF;
    IF CAST(value AS timestamptz) NOT BETWEEN '0001-01-01 00:00Z' AND '9999-12-31 23:59:59.999999Z' THEN
        PERFORM refuse_submission(field, '{DATE_WORDS}');
    END IF;
END $$
"""
TAGS = f"""
CREATE OR REPLACE FUNCTION check_tags(field text, tags jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF jsonb_array_length(tags) > {MOST_TAGS} THEN
        PERFORM refuse_submission(field, 'must have at most {MOST_TAGS} items');
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(tags) AS tag(value)
               WHERE jsonb_typeof(tag.value) <> 'string' OR length(tag.value #>> '{{}}') > {LONGEST_TAG}
                  OR tag.value #>> '{{}}' !~ {shape(TAG_SHAPE.pattern)}) THEN
        PERFORM refuse_submission(field, 'each must be 1 to {LONGEST_TAG} of {TAG_SHAPE.words}');
    END IF;
END $$
"""

OVERRIDDEN = f"""
CREATE OR REPLACE FUNCTION check_overrides(place text, job jsonb, policy jsonb, attempts integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    allowed jsonb := coalesce(policy -> 'overridable', '["{'", "'.join(OVERRIDABLE)}"]');
    wrong text;
    served text[];
BEGIN
    SELECT min(one.name) INTO wrong FROM unnest(CAST('{{{", ".join(OVERRIDES)}}}' AS text[])) AS one(name)
    WHERE job ? one.name AND NOT allowed ? one.name;
    IF wrong IS NOT NULL THEN
        PERFORM refuse_submission(place || wrong, 'must not be set for jobs of this task, which allows: ' || coalesce(
            (SELECT string_agg(one.name, ', ' ORDER BY one.name) FROM jsonb_array_elements_text(allowed) AS one(name)),
            'nothing'));
    END IF;
    IF attempts = 1 AND CAST(job ->> 'max_attempts' AS integer) > 1 THEN
        PERFORM refuse_submission(place || 'max_attempts',
                                  'must be 1: with these arguments the task tries a job only once');
    END IF;
    IF CAST(job ->> 'timeout' AS numeric) <= 0 THEN
        PERFORM refuse_submission(place || 'timeout', 'must be greater than 0');
    END IF;
    IF CAST(job ->> 'timeout' AS numeric) > CAST(policy ->> 'soft_limit' AS numeric) THEN
        PERFORM refuse_submission(place || 'timeout', 'must be at most ' || CAST(policy ->> 'soft_limit' AS float8)
                                  || ', the limit of the task');
    END IF;
    IF CAST(job ->> 'expires' AS timestamptz) <= clock_timestamp() THEN
        PERFORM refuse_submission(place || 'expires', 'must lie in the future');
    END IF;
    IF CAST(job ->> 'expires' AS timestamptz) <= coalesce(
            CAST(job ->> 'run_at' AS timestamptz), now() + make_interval(secs => CAST(job ->> 'delay' AS float8))) THEN
        PERFORM refuse_submission(place || 'expires', 'must lie after the date at which the job is due');
    END IF;
    IF job ? 'queue' THEN
        served := ARRAY(SELECT t.queue FROM {PUBLISHED} UNION ({SERVED.replace(":late", str(LATE))}) ORDER BY 1);
        IF job ->> 'queue' <> ALL(served) THEN
            PERFORM refuse_submission(place || 'queue',
                                      'is not known: it must be one of ' || array_to_string(served, ', '));
        END IF;
    END IF;
END $$
"""

FIELD_FUNCTIONS = (NUMBER, DATE, TAGS, FIELDS, OVERRIDDEN)
"""In the order in which they are created."""
