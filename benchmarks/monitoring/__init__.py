"""What the monitoring promises, measured."""
