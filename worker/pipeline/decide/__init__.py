"""What should happen with a record, as far as the ledger knows: rules that call nobody, and know no time."""
