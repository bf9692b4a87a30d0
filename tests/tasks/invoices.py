"""The task of docs/from-your-application.md."""

from bellhop import task


@task("invoices.render")
def render(*, invoice_id: int) -> str:
    """Render an invoice as PDF. Safe to repeat: it replaces the file."""
    return f"invoice-{invoice_id}.pdf"
