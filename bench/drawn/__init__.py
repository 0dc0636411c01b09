"""What benches draw by seed."""
