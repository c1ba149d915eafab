"""What becomes of drafts, of documents whose record is gone, and of requests whose outcome is unknown. Each module is
made in one way: it looks, asks the rules of `check`, and writes down what came of it. Those that a stage names in
`before_sending` take its drafts, and give back those that may go and what is said of the others.
"""
