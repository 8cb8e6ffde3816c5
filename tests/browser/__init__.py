"""What people see: tests in a real Chromium."""
