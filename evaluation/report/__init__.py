"""The evaluation report: one content as JSON, and a page and a Markdown file made from it and from nothing else."""
