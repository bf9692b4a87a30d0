"""Jobs: submitting, looking, waiting, cancelling and retrying."""
