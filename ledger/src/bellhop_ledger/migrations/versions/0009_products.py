"""Products, imports and exports, and the files that they are."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE products (
            id uuid CONSTRAINT products_pkey PRIMARY KEY,
            sku varchar NOT NULL CONSTRAINT products_sku_key UNIQUE,
            name varchar NOT NULL,
            description varchar NOT NULL DEFAULT '',
            price bigint NOT NULL,
            currency varchar NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT products_sku_check CHECK (length(sku) BETWEEN 1 AND 64),
            CONSTRAINT products_name_check CHECK (length(name) BETWEEN 1 AND 200),
            CONSTRAINT products_description_check CHECK (length(description) <= 10000),
            CONSTRAINT products_price_check CHECK (price BETWEEN 0 AND 1000000000000),
            CONSTRAINT products_currency_check CHECK (currency ~ '^[A-Z]{3}$')
        )
    """)
    op.execute("""
        CREATE TABLE files (
            id uuid CONSTRAINT files_pkey PRIMARY KEY,
            name varchar NOT NULL,
            media_type varchar NOT NULL,
            size bigint NOT NULL DEFAULT 0,
            sha256 varchar,
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            CONSTRAINT files_size_check CHECK (size >= 0)
        )
    """)
    op.execute("CREATE INDEX files_expires_at_idx ON files (expires_at)")
    op.execute("""
        CREATE TABLE file_chunks (
            file_id uuid CONSTRAINT file_chunks_file_id_fkey REFERENCES files (id) ON DELETE CASCADE,
            position integer NOT NULL,
            data bytea NOT NULL,
            CONSTRAINT file_chunks_pkey PRIMARY KEY (file_id, position),
            CONSTRAINT file_chunks_position_check CHECK (position >= 0),
            CONSTRAINT file_chunks_data_check CHECK (octet_length(data) BETWEEN 1 AND 262144)
        )
    """)
    op.execute("ALTER TABLE file_chunks ALTER data SET STORAGE EXTERNAL")  # to compress it would cost more than space
    _for_jobs("product_imports", "name varchar NOT NULL, size bigint NOT NULL, partial boolean NOT NULL, report jsonb")
    op.execute("ALTER TABLE product_imports ADD CONSTRAINT product_imports_size_check CHECK (size > 0)")
    _for_jobs("product_exports")


def _for_jobs(table: str, *columns: str) -> None:
    op.execute(f"""
        CREATE TABLE {table} (
            id uuid CONSTRAINT {table}_pkey PRIMARY KEY,
            job_id uuid NOT NULL CONSTRAINT {table}_job_id_fkey REFERENCES jobs (id) ON DELETE CASCADE,
            user_id uuid CONSTRAINT {table}_user_id_fkey REFERENCES users (id) ON DELETE SET NULL,
            file_id uuid CONSTRAINT {table}_file_id_fkey REFERENCES files (id) ON DELETE SET NULL,
            {"".join(f"{column}," for column in columns)}
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT {table}_job_id_key UNIQUE (job_id)
        )
    """)
    op.execute(f"CREATE INDEX {table}_user_id_idx ON {table} (user_id)")
    op.execute(f"CREATE INDEX {table}_file_id_idx ON {table} (file_id)")


def downgrade() -> None:
    for table in ("product_exports", "product_imports", "file_chunks", "files", "products"):
        op.drop_table(table)
