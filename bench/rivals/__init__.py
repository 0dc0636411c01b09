"""What `bench/reading.py` compares: programs, their measured runs, the text of what they write."""
