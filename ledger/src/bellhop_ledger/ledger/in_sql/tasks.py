"""SQL tasks: the functions in Postgres by which `submit()` knows a task and looks at a job's arguments.

What web checks by the whole JSON Schema is checked here as far as SQL reads it at a glance: which arguments there are.
Their types the worker checks before the body runs. What is wrong is raised in the words of web, behind the field, which
the error's `column` names as well.
"""

from bellhop_ledger.platform.jsontext import DEEPEST, LARGEST_BITS
from bellhop_ledger.tasks.known import COUNTS
from bellhop_ledger.tasks.publish import ALIVE

LARGEST_JOB = 1_000_000
"""Bytes of a job's arguments, as many as the body of a request may have."""
LONGEST_NAME = 200
PUBLISHED = f"tasks t JOIN task_releases r ON r.name = t.release AND {COUNTS.replace(':alive', str(ALIVE))}"
"""The tasks `t` that are known."""

REFUSE = """
CREATE OR REPLACE FUNCTION refuse_submission(field text, message text, code text DEFAULT 'invalid_parameter_value')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = field || ': ' || message, COLUMN = field;
END $$
"""

# Two names are alike when they share half of their pairs of letters (Dice's coefficient). No extension is needed, which
# may be missing, or stand in a schema that the path of our functions must not contain.
LIKENESS = """
CREATE OR REPLACE FUNCTION likeness(one text, other text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    WITH pairs AS (
        SELECT DISTINCT side, substr(word, place, 2) AS pair
        FROM (VALUES (1, ' ' || lower(one) || ' '), (2, ' ' || lower(other) || ' ')) AS words(side, word),
             generate_series(1, length(word) - 1) AS places(place)
    ), counted AS (SELECT count(*) AS sides FROM pairs GROUP BY pair)
    SELECT CAST(coalesce(sum(sides) FILTER (WHERE sides = 2), 0) / sum(sides) AS float8) FROM counted
$$
"""
NO_TASK = f"""
CREATE OR REPLACE FUNCTION refuse_task(field text, asked text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    near text;
BEGIN
    IF NOT EXISTS (SELECT FROM {PUBLISHED}) THEN
        PERFORM refuse_submission(field, 'no worker has published its tasks yet, so none is known; try again',
                                  'object_not_in_prerequisite_state');
    END IF;
    SELECT string_agg(quote_literal(found.name), ' or ') INTO near FROM (
        SELECT t.name FROM {PUBLISHED} WHERE likeness(t.name, asked) >= 0.5
        ORDER BY likeness(t.name, asked) DESC, t.name LIMIT 3
    ) AS found;
    PERFORM refuse_submission(field, 'there is no task ' || quote_literal(asked)
                              || coalesce('; is ' || near || ' meant?', '; GET /api/tasks lists them'),
                              'undefined_object');
END $$
"""

# As bellhop.limit_key reads it.
LIMIT_KEY = r"""
CREATE OR REPLACE FUNCTION limit_key_of(declared text, args jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    value jsonb := args -> substring(declared from '^host\(args\.(.*)\)$');
    host text;
BEGIN
    IF declared LIKE 'host:%' THEN RETURN declared; END IF;
    IF value IS NULL OR jsonb_typeof(value) <> 'string' THEN RETURN NULL; END IF;
    host := regexp_replace(btrim(value #>> '{}', E' \t\r\n\f\x0b'), '[\t\r\n]', '', 'g');
    host := substring(host from '^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//([^/?#]*)');
    host := regexp_replace(host, '^.*@', '');
    host := CASE WHEN host LIKE '[%' THEN substring(host from '^\[([^]]*)\]') ELSE split_part(host, ':', 1) END;
    RETURN 'host:' || nullif(rtrim(lower(btrim(host)), '.'), '');
END $$
"""

ARGUMENTS = f"""
CREATE OR REPLACE FUNCTION checked_arguments(place text, args jsonb, declared jsonb, secrets jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    properties jsonb := coalesce(declared -> 'properties', '{{}}');
    complete jsonb;
    wrong text;
BEGIN
    IF octet_length(args::text) > {LARGEST_JOB} THEN
        PERFORM refuse_submission(place || 'args', 'must have at most {LARGEST_JOB:,} bytes');
    END IF;
    IF jsonb_path_exists(args, 'strict $.**{{{DEEPEST} to last}} ? (@.type() == "object" || @.type() == "array")') THEN
        PERFORM refuse_submission(place || 'args', 'must not be nested more than {DEEPEST} levels deep');
    END IF;
    IF jsonb_path_exists(args, 'strict $.** ? (@.type() == "number") ? (@ >= $most || @ <= -$most)',
                         '{{"most": {2**LARGEST_BITS}}}') THEN
        PERFORM refuse_submission(place || 'args', 'must have smaller numbers: one has too many digits');
    END IF;
    SELECT min(needed.name) INTO wrong
    FROM jsonb_array_elements_text(coalesce(declared -> 'required', '[]')) AS needed(name) WHERE NOT args ? needed.name;
    IF wrong IS NOT NULL THEN PERFORM refuse_submission(place || 'args.' || wrong, 'is required'); END IF;
    SELECT min(given.name) INTO wrong
    FROM jsonb_object_keys(args) AS given(name) WHERE NOT properties ? given.name;
    IF wrong IS NOT NULL THEN
        PERFORM refuse_submission(place || 'args.' || left(wrong, {LONGEST_NAME}), 'is not known here');
    END IF;
    SELECT coalesce(jsonb_object_agg(one.name, one.schema -> 'default'), '{{}}') || args INTO complete
    FROM jsonb_each(properties) AS one(name, schema) WHERE one.schema ? 'default';
    SELECT min(mark.name) INTO wrong FROM jsonb_each(secrets) AS mark(name, rule)
    WHERE CASE jsonb_typeof(complete -> mark.name) WHEN 'object' THEN EXISTS (
              SELECT FROM jsonb_object_keys(complete -> mark.name) AS part(name)
              WHERE NOT coalesce(mark.rule -> 'public', '[]') ? lower(part.name))
          WHEN 'null' THEN false ELSE complete ? mark.name END;
    IF wrong IS NOT NULL THEN
        PERFORM refuse_submission(
            place || 'args.' || wrong, 'is a secret, which SQL cannot encrypt; submit this job with POST /api/jobs',
            'feature_not_supported');
    END IF;
    RETURN complete;
END $$
"""

TASK_FUNCTIONS = (REFUSE, LIKENESS, NO_TASK, LIMIT_KEY, ARGUMENTS)
"""In the order in which they are created."""
