"""Send: documents to Xero in requests of up to 50, and the proof that what was sent is what is there."""
