"""papa's faces for people: for now, the demonstration."""
