"""What becomes of drafts, of documents whose record is gone, and of requests whose outcome is unknown: each looks, asks
the rules of `check`, sends, and writes down what came of it.
"""
