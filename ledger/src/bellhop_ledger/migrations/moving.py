"""Tables that move into another schema while a release that looks for them in the old one is still running.

That release finds a view in the old place, which Postgres can write to as to the table: INSERT with ON CONFLICT,
UPDATE, DELETE, RETURNING and row locks pass through to the table. Its prepared statements are analysed again.
What is done to a table and cannot be done to such a view is said where the table moves.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from bellhop_ledger.migrations.session import drop, lock_tables

MARKED = "security_barrier = false"
"""An option that says what holds without it. By it we know our views again; a comment would not survive a restore."""
VIEW = f"CREATE VIEW {{old}} WITH ({MARKED}) AS SELECT *, xmax FROM {{new}}"
"""Whether a row was inserted or updated is asked by `xmax`, which a view has only where a column is called so."""

GRANTS = text("""
    SELECT c.relname, string_agg(a.privilege_type, ', ') AS privileges,
           CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
    WHERE n.nspname = :schema AND c.relname = ANY(:tables) AND a.grantee <> c.relowner
      AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    GROUP BY c.relname, a.grantee
""")
GRANTED_BY_DEFAULT = text("""
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
    WHERE d.defaclobjtype = 'r' AND d.defaclrole = current_user::regrole AND a.grantee <> d.defaclrole
      AND (n.nspname = :schema OR d.defaclnamespace = 0)
""")
EXISTING = text("""
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relname = ANY(:tables) AND c.relkind IN ('r', 'p')
""")
LEFT_VIEWS = text(f"""
    SELECT DISTINCT format('%I.%I', vn.nspname, v.relname) AS name
    FROM pg_class v JOIN pg_namespace vn ON vn.oid = v.relnamespace
    JOIN pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
    JOIN pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p')
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
    WHERE v.relkind = 'v' AND v.reloptions @> '{{{MARKED.replace(" ", "")}}}' AND tn.nspname = ANY(:schemas)
    ORDER BY name
""")
PARENTS = text("""
    SELECT c.relname AS table, format('%I.%I', pn.nspname, p.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_inherits i ON i.inhrelid = c.oid
    JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'p' JOIN pg_namespace pn ON pn.oid = p.relnamespace
    WHERE n.nspname = :schema AND c.relname = ANY(:tables)
""")
LEFT_PARENTS = text("""
    SELECT format('%I.%I', pn.nspname, p.relname) AS name, format('%I.%I', n.nspname, c.relname) AS table,
           a.level = 2 AS next
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
         pg_partition_ancestors(c.oid) WITH ORDINALITY AS a (oid, level)
    JOIN pg_class p ON p.oid = a.oid JOIN pg_namespace pn ON pn.oid = p.relnamespace
    WHERE c.relispartition AND c.relkind = 'r' AND n.nspname = ANY(:schemas)
      AND pn.nspname <> n.nspname AND p.relname = c.relname ORDER BY c.oid, a.level
""")
"""The tables of the same name above one that has moved: where it was, and where it had been before."""


def quoted(*parts: str) -> str:
    """Return a name as it is written in SQL."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def existing_tables(connection: Connection, schema: str, tables: Sequence[str]) -> set[str]:
    """Return which of these tables a schema has."""
    return set(connection.scalars(EXISTING, {"schema": schema, "tables": list(tables)}))


def move_tables(
    connection: Connection, tables: Sequence[str], source: str, target: str, special: Mapping[str, str] | None = None
) -> None:
    """Move tables with their rows, indexes and sequences, and leave a view of each in its place, with its grants.

    For a table of `special` other statements make what is left. If that is a table with the moved one as its
    partition, it takes the place of this in what an earlier move has left so. Everything is one round trip once the
    tables are locked, for everybody waits meanwhile.
    """
    special = special or {}
    rows = connection.execute(PARENTS, {"schema": source, "tables": list(special)})
    parents = {quoted(source, row.table): row.name for row in rows}
    statements = [f"ALTER TABLE {parent} DETACH PARTITION {table}" for table, parent in parents.items()]
    statements += [f"ALTER TABLE {quoted(source, table)} SET SCHEMA {quoted(target)}" for table in tables]
    for table in tables:
        places = {"old": quoted(source, table), "new": quoted(target, table), "source": quoted(source)}
        statements.append(special.get(table, VIEW).format(**places))
    statements += [f"ALTER TABLE {parent} ATTACH PARTITION {table} DEFAULT" for table, parent in parents.items()]
    statements += _grants(connection, tables, source)
    lock_tables(connection, [*parents.values(), *(quoted(source, table) for table in tables)])
    connection.exec_driver_sql(";\n".join(statements))


def _grants(connection: Connection, tables: Sequence[str], schema: str) -> list[str]:
    """Return what gives the views the grants of their tables, and not those that a new table gets by default."""
    by_default = list(connection.scalars(GRANTED_BY_DEFAULT, {"schema": schema}))
    names = ", ".join(quoted(schema, table) for table in tables)
    revoked = [f"REVOKE ALL ON {names} FROM {', '.join(by_default)}"] if by_default else []
    rows = connection.execute(GRANTS, {"schema": schema, "tables": list(tables)})
    return revoked + [f"GRANT {row.privileges} ON {quoted(schema, row.relname)} TO {row.grantee}" for row in rows]


def left_behind(connection: Connection, schemas: Sequence[str]) -> list[str]:
    """Return the names of what was left for the release before of the tables in these schemas."""
    views = connection.scalars(LEFT_VIEWS, {"schemas": list(schemas)})
    parents = connection.scalars(LEFT_PARENTS, {"schemas": list(schemas)})  # the first column is the name
    return [*views, *parents]


def drop_left(connection: Connection, schemas: Sequence[str]) -> list[str]:
    """Drop what was left for the release before of the tables in these schemas, and return the names.

    Raises NeededError for what somebody else has built on one of them.
    """
    views = list(connection.scalars(LEFT_VIEWS, {"schemas": list(schemas)}))
    if views:
        drop(connection, f"DROP VIEW {', '.join(views)}")
    parents = connection.execute(LEFT_PARENTS, {"schemas": list(schemas)}).all()
    for parent in parents:
        if parent.next:
            connection.exec_driver_sql(f"ALTER TABLE {parent.name} DETACH PARTITION {parent.table}")
        drop(connection, f"DROP TABLE {parent.name}")
    return views + [parent.name for parent in parents]
