"""Metrics, report and comparison: needs `svodka[report]`."""
