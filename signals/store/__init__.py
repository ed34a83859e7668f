"""What the service keeps: people, meetings, results, corrections and who did what, in SQLite or PostgreSQL; files as blobs."""
