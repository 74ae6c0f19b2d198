"""Labelled data, backbone, fine-tuning, export: needs `svodka[train]`."""
