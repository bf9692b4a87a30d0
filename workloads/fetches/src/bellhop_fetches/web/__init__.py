"""What the web service serves of this workload."""
