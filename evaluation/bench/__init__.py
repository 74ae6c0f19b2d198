"""Speed beside the peers in one run: every contender in a process of its own, rounds that take turns, ratios by round.

`registry` lists the contenders, `worker` is the process that runs one, `run` takes the measurements, `page` draws them.
"""
