"""To Xero: requests that are journalled first, sent under their key while it lives, and proved by their answer."""
