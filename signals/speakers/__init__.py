"""Who speaks when, and which of them is the bank's manager."""
