import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from desk.vault import Vault

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.text(), VALUES)
def test_what_was_sealed_opens_for_its_owner(owner, value):
    vault = Vault([OLD])

    assert vault.open(owner, vault.seal(owner, value)) == value


def test_another_owner_opens_nothing():
    vault = Vault([OLD])

    assert vault.open("bob", vault.seal("alice", "a secret")) is None


def test_another_key_opens_nothing():
    assert Vault([NEW]).open("alice", Vault([OLD]).seal("alice", "a secret")) is None


def test_an_old_key_still_opens_and_the_new_one_seals():
    sealed, both = Vault([OLD]).seal("alice", "a secret"), Vault([NEW, OLD])

    assert both.open("alice", sealed) == "a secret"
    assert Vault([NEW]).open("alice", both.seal("alice", "later")) == "later"


@pytest.mark.parametrize("garbage", ["", "garbage", "ä", "gAAAAAB" + "A" * 93])
def test_garbage_opens_as_nothing(garbage):
    assert Vault([OLD]).open("alice", garbage) is None


def test_a_token_that_holds_no_json_opens_as_nothing():
    token = Fernet(OLD).encrypt(b"not json").decode()

    assert Vault([OLD]).open("alice", token) is None


def test_the_secret_is_not_seen_in_what_is_stored():
    assert "a secret" not in Vault([OLD]).seal("alice", "a secret")
