"""The contract between Bellhop's services: settings, signatures, tables and the ledger's verbs."""

__version__ = "0.1.0"
