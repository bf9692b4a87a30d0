"""Products, their imports and exports."""

from bellhop_ledger.api import adopt_tables, follow_jobs

revision = "0001"
down_revision = None

CREATE = """
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
);
CREATE TABLE product_imports (
    id uuid CONSTRAINT product_imports_pkey PRIMARY KEY,
    job_id uuid NOT NULL,
    user_id uuid CONSTRAINT product_imports_user_id_fkey REFERENCES users (id) ON DELETE SET NULL,
    file_id uuid CONSTRAINT product_imports_file_id_fkey REFERENCES files (id) ON DELETE SET NULL,
    name varchar NOT NULL,
    size bigint NOT NULL,
    partial boolean NOT NULL,
    report jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_imports_job_id_key UNIQUE (job_id),
    CONSTRAINT product_imports_size_check CHECK (size > 0)
);
CREATE INDEX product_imports_user_id_idx ON product_imports (user_id);
CREATE INDEX product_imports_file_id_idx ON product_imports (file_id);
CREATE TABLE product_exports (
    id uuid CONSTRAINT product_exports_pkey PRIMARY KEY,
    job_id uuid NOT NULL,
    user_id uuid CONSTRAINT product_exports_user_id_fkey REFERENCES users (id) ON DELETE SET NULL,
    file_id uuid CONSTRAINT product_exports_file_id_fkey REFERENCES files (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_exports_job_id_key UNIQUE (job_id)
);
CREATE INDEX product_exports_user_id_idx ON product_exports (user_id);
CREATE INDEX product_exports_file_id_idx ON product_exports (file_id);
"""


def upgrade() -> None:
    adopt_tables("products", "product_imports", "product_exports", otherwise=CREATE)
    follow_jobs("product_imports", "job_id")
    follow_jobs("product_exports", "job_id")
