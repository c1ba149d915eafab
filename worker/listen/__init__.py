"""Takes Procore's webhook messages, each of which is only a hint: what moved is read with the next job, as always.

It faces the network, so it has what it needs and no more: the ledger, the broker and a secret, no login of any API.
"""
