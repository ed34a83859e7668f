"""Durable background work: stages as steps that survive a crash, each in a process of its own."""
