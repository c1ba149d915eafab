"""HTTP to both APIs: auth → retry → budget → wire, and their failures as our errors."""
