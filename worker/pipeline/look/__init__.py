"""From Xero: what stands there, as far as it is asked for. Nothing here writes to it."""
