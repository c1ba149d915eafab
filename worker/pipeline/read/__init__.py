"""From Procore: which lists are read and how far, and what is asked of records that a list does not show."""
