"""The coaches' workbench: figures over many meetings, the queue of moments, search, scorecards, cases, assignments."""
