"""What becomes of drafts before they are sent, and of documents whose record is gone: each looks, asks the rules of
`check`, and writes down what came of it.
"""
