"""Settings shipped with svodka: the topics and one YAML file per training recipe."""
