"""Files. The tables of products, which stood here, are made or taken over by the migrations of products."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS product_exports, product_imports, products")
    op.drop_table("file_chunks")
    op.drop_table("files")
