"""What each page asks and shows."""
