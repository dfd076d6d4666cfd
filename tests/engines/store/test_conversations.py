"""Conversations, remembered choices and shared answers in the store: whose they are, their order and their bounds."""

from __future__ import annotations

import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from app.adapters.store.choices import StoredChoices
from app.adapters.store.conversations import StoredConversations
from app.adapters.store.database import Database
from app.adapters.store.shared import StoredSharedAnswers
from app.model.conversations import Conversation, ConversationTurn, RememberedChoice, SharedAnswer
from app.model.ids import new_id

NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
_PEOPLE = itertools.count()


def someone() -> str:
    return f"usr_{next(_PEOPLE)}"


def conversation(user: str, at: dt.datetime = NOW, project: str = "p") -> Conversation:
    return Conversation(new_id("cnv"), project, user, "rest", "revenue", at, at)


def turn(of: Conversation, **more: object) -> ConversationTurn:
    plain = ConversationTurn(of.id, 0, of.project_id, of.user_id, new_id("qry"), "revenue", "Revenue", "answer", "{}", "", of.created_at)
    return replace(plain, **more)


def test_a_conversation_is_its_owners_alone(database: Database) -> None:
    kept, mine = StoredConversations(database), conversation(someone())
    first = turn(mine)
    kept.begin(mine, first, 10)
    assert kept.get(mine.id, "p", mine.user_id) == replace(mine, turns=1)
    for project, user in (("p", someone()), ("other", mine.user_id)):
        assert kept.get(mine.id, project, user) is None
        assert kept.rename(mine.id, project, user, "x") is None
        assert not kept.delete(mine.id, project, user)
        assert kept.append(turn(mine, project_id=project, user_id=user)) == 0
        assert kept.page(project, user, "", 10) == []
        assert kept.turns(mine.id, project, user, 0, 10) == []
        assert kept.last_answered(mine.id, project, user) is None
        assert kept.turn(mine.id, project, user, first.query_id) is None
    renamed = kept.rename(mine.id, "p", mine.user_id, "sales")
    assert renamed is not None
    assert renamed.title == "sales"
    assert kept.delete(mine.id, "p", mine.user_id)
    assert kept.append(turn(mine)) == 0
    assert kept.turns(mine.id, "p", mine.user_id, 0, 10) == []


def test_turns_have_one_order_however_many_come_at_once(database: Database) -> None:
    kept, mine = StoredConversations(database), conversation(someone())
    kept.begin(mine, turn(mine), 10)
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _at: kept.append(turn(mine)), range(24)))
    assert sorted(numbers) == list(range(2, 26))
    assert [one.number for one in kept.turns(mine.id, "p", mine.user_id, 0, 100)] == list(range(25, 0, -1))
    assert [one.number for one in kept.turns(mine.id, "p", mine.user_id, 3, 100)] == [2, 1]


def test_the_last_answered_turn_is_told_from_those_that_came_to_nothing(database: Database) -> None:
    kept, mine = StoredConversations(database), conversation(someone())
    first = turn(mine)
    kept.begin(mine, first, 10)
    back = turn(mine, outcome="clarify", semantic_query="", choices="[{}]")
    kept.append(back)
    assert (last := kept.last_answered(mine.id, "p", mine.user_id)) is not None
    assert last.query_id == first.query_id
    assert kept.turn(mine.id, "p", mine.user_id, back.query_id) == replace(back, number=2)
    assert kept.turn(new_id("cnv"), "p", mine.user_id, back.query_id) is None


def test_the_ones_asked_longest_ago_are_forgotten_beyond_the_bound(database: Database) -> None:
    kept, user = StoredConversations(database), someone()
    three = [conversation(user, NOW + at * DAY) for at in range(3)]
    for one in three:
        kept.begin(one, turn(one), 3)
    kept.append(turn(three[0], at=NOW + 9 * DAY))
    newest = conversation(user, NOW + 10 * DAY)
    kept.begin(newest, turn(newest), 3)
    assert {one.id for one in kept.page("p", user, "", 10)} == {three[0].id, three[2].id, newest.id}
    other = conversation(someone(), NOW - 99 * DAY)
    kept.begin(other, turn(other), 3)
    assert kept.get(other.id, "p", other.user_id) is not None


def test_a_conversation_that_begins_again_holds_nothing_of_before(database: Database) -> None:
    kept, mine = StoredConversations(database), conversation(someone())
    kept.begin(mine, turn(mine), 10)
    kept.append(turn(mine))
    kept.begin(mine, again := turn(mine), 10)
    assert [(one.number, one.query_id) for one in kept.turns(mine.id, "p", mine.user_id, 0, 10)] == [(1, again.query_id)]


def test_what_is_old_is_forgotten(database: Database) -> None:
    kept, chosen, links, project = StoredConversations(database), StoredChoices(database), StoredSharedAnswers(database), new_id("prj")
    for at in (NOW - DAY, NOW):
        one = conversation("u", at, project)
        kept.begin(one, turn(one), 10)
        chosen.keep(choice("u", f"words {at}", at, project=project), 10)
        assert links.add(link("u", at, at, project=project), 10)
    assert (kept.forget(project, NOW), chosen.forget(project, NOW), links.forget(project, NOW)) == (1, 1, 1)
    assert [len(one) for one in (kept.page(project, "u", "", 10), chosen.of(project, "u"), links.of(project, "u"))] == [1, 1, 1]
    assert (kept.delete_of(project, "u"), chosen.delete_of(project, "u"), links.delete_of(project, "u")) == (1, 1, 1)


def choice(user: str, words: str = "w", at: dt.datetime = NOW, chosen: str = "c", project: str = "p") -> RememberedChoice:
    return RememberedChoice(new_id("cho"), project, user, words, "country", "Customers by country", "o", chosen, at)


def test_one_choice_for_the_words_of_a_question(database: Database) -> None:
    kept, user = StoredChoices(database), someone()
    kept.keep(choice(user), 10)
    kept.keep(later := choice(user, chosen="d"), 10)
    assert kept.find("p", user, "w") == later
    assert kept.of("p", user) == [later]
    assert kept.find("p", someone(), "w") is None
    assert kept.find("other", user, "w") is None
    assert not kept.delete(later.id, "p", someone())
    assert kept.delete(later.id, "p", user)


def test_the_oldest_choices_are_forgotten_beyond_the_bound(database: Database) -> None:
    kept, user = StoredChoices(database), someone()
    for at in range(4):
        kept.keep(choice(user, f"w{at}", NOW + at * DAY), 3)
    assert [one.words for one in kept.of("p", user)] == ["w3", "w2", "w1"]


def link(user: str, at: dt.datetime = NOW, until: dt.datetime = NOW + DAY, project: str = "p") -> SharedAnswer:
    return SharedAnswer(new_id("shr"), project, user, new_id("qry"), "revenue", "{}", "v", at, until)


def test_links_are_bounded_by_those_that_still_open(database: Database) -> None:
    kept, user = StoredSharedAnswers(database), someone()
    assert kept.add(first := link(user), 1)
    assert not kept.add(link(user), 1)
    assert kept.add(second := link(user, NOW + 2 * DAY, NOW + 3 * DAY), 1)
    assert kept.of("p", user) == [second, first]
    assert kept.get(first.id, "p") == first
    assert kept.get(first.id, "other") is None
    assert not kept.delete(first.id, "other")
    assert kept.delete(first.id, "p")
