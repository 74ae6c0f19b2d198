"""What is measured: each module has `prepare(job)` and imports its libraries only there."""
