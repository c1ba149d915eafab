"""What mapping is given beside a record: options, contacts, bills that stand, and by which rules it is coded."""
