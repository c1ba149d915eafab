"""Encrypts what must not be readable in the ledger's file or its backup. The key is kept outside the ledger."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from worker.errors import ConfigError

_HOW = "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"
_MAKE = f'Make one with: python -c "{_HOW}"'


class Cipher:
    """Encrypts with `key`; reads what was encrypted with `key` or with `old_key`. Raises ConfigError for a bad key."""

    def __init__(self, key: str, old_key: str = "") -> None:
        if not key:
            raise ConfigError(f"Not set: TOKEN_KEY, which logins are encrypted with. {_MAKE}")
        keys = [_fernet("TOKEN_KEY", key)]
        if old_key:
            keys.append(_fernet("TOKEN_KEY_OLD", old_key))
        self._keys = MultiFernet(keys)

    def encrypt(self, text: str) -> str:
        return self._keys.encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str:
        try:
            return self._keys.decrypt(text).decode()
        except InvalidToken:
            raise ConfigError(
                "The stored login cannot be read with TOKEN_KEY: it was stored under another key. Set TOKEN_KEY_OLD to "
                "that key, or run `procore-xero connect` again."
            ) from None


def _fernet(name: str, key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise ConfigError(f"{name} is not a key. {_MAKE}") from None
