"""Map: records to documents. Pure: no I/O, no clock, no settings; what cannot be mapped is held, never guessed."""
