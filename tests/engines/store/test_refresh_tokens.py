"""Refresh tokens in the store: used once, whoever is quicker."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from msgspec.structs import replace

from app.adapters.store.database import Database
from app.adapters.store.refresh_tokens import StoredRefreshTokens
from app.adapters.store.users import StoredUsers
from app.model.ids import new_id
from app.model.records import RefreshToken
from tests.engines.store.test_users import person

NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


@pytest.fixture
def user_id(database: Database) -> str:
    user = person()
    StoredUsers(database).add(user)
    return user.id


@pytest.fixture
def tokens(database: Database) -> StoredRefreshTokens:
    return StoredRefreshTokens(database)


def token(user_id: str, family: str = "", days: int = 7) -> RefreshToken:
    return RefreshToken(new_id("rft"), user_id, "p", family or new_id("fam"), NOW + dt.timedelta(days=days))


def test_the_first_use_finds_it_unused_and_the_second_used(tokens: StoredRefreshTokens, user_id: str) -> None:
    kept = token(user_id)
    tokens.add(kept)
    assert tokens.use(kept.id, NOW) == kept
    assert tokens.use(kept.id, NOW) == replace(kept, used=True)
    assert tokens.use(new_id("rft"), NOW) is None


def test_of_many_who_use_it_at_once_one_finds_it_unused(tokens: StoredRefreshTokens, user_id: str) -> None:
    kept = token(user_id)
    tokens.add(kept)
    start, found = threading.Barrier(5), []

    def use() -> None:
        start.wait()
        found.append(tokens.use(kept.id, NOW))

    threads = [threading.Thread(target=use) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.used for one in found if one is not None) == [False, True, True, True, True]


def test_a_revoked_family_takes_in_no_good_token(tokens: StoredRefreshTokens, user_id: str) -> None:
    first = token(user_id)
    tokens.add(first)
    tokens.revoke_family(first.family)
    later, other = token(user_id, first.family), token(user_id)
    tokens.add(later)
    tokens.add(other)
    assert tokens.use(first.id, NOW) == replace(first, revoked=True)
    assert tokens.use(later.id, NOW) == replace(later, revoked=True)
    assert tokens.use(other.id, NOW) == other


def test_revoking_a_user_leaves_others(tokens: StoredRefreshTokens, database: Database, user_id: str) -> None:
    another = person()
    StoredUsers(database).add(another)
    mine, theirs = token(user_id), token(another.id)
    tokens.add(mine)
    tokens.add(theirs)
    tokens.revoke_user(user_id)
    assert tokens.use(mine.id, NOW) == replace(mine, revoked=True)
    assert tokens.use(theirs.id, NOW) == theirs


def test_expired_tokens_are_forgotten(tokens: StoredRefreshTokens, user_id: str) -> None:
    old, current = token(user_id, days=-1), token(user_id)
    tokens.add(old)
    tokens.add(current)
    tokens.use(current.id, NOW)
    assert tokens.use(old.id, NOW) is None
