"""What one would use instead: rule engines, job queues on SQLite, a simulator. Each is optional."""
