"""Extensions of Postgres: a database has each once, in whatever schema it was put, `public` as a rule."""


def in_search_path(extension: str) -> str:
    """Return the statement by which this transaction finds an extension's functions and operators without a schema.

    Our own schema stays before that of the extension.
    """
    return f"""
        SELECT set_config('search_path', concat_ws(', ', current_setting('search_path'), quote_ident(n.nspname)), true)
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = '{extension}'
    """  # noqa: S608
