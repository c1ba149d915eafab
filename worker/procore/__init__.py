"""Read: what Procore says, page by page, as records. Nothing here writes, and nothing here knows Xero."""
