"""What the application keeps."""

from django.db import models


class Invoice(models.Model):
    """An invoice."""

    id = models.BigIntegerField(primary_key=True)
    state = models.TextField()

    class Meta:
        """Its table was there before."""

        db_table = "invoices"
