"""The ledger's verbs: every change of a job's state is one statement here."""
