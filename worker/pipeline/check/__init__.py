"""What is done with a document, as far as Xero shows: rules about what was read, which call nobody and know no time."""
