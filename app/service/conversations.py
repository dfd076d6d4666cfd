"""Questions that go on from one another: asked, kept, listed, renamed and forgotten. Nobody reaches another person's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile

import msgspec

from app.errors import Problem, UserError
from app.language.chosen import offered, words_of
from app.model.answer import Answer, Outcome
from app.model.conversations import Conversation, ConversationTurn, RememberedChoice
from app.model.ids import new_id
from app.model.query import SemanticQuery
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.redaction.redact import is_redacted, redact, redact_json
from app.service.ask import ask
from app.service.audit import Caller
from app.service.completed import completed
from app.service.deps import Deps
from app.service.previous import no_previous
from app.service.query import query as query_of
from app.service.rights import require_asking
from app.service.turns import walk

MOST_TURNS = 1_000
MOST_CHOICES = 1_000
"""Choices that are remembered of a person."""
LONGEST_TITLE = 200
_LOOKED_BACK = 50
"""Turns among which that before a question that is asked anew is looked for."""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn with its place: the conversation's id and the number in it."""

    conversation_id: str
    number: int
    turn: Turn


def converse(
    deps: Deps,
    caller: Caller,
    question: str,
    *,
    conversation_id: str = "",
    anew: bool = False,
    source: str = "",
    cancel: Cancel | None = None,
) -> Said:
    """Ask in a conversation, going on from its last answered question; without one a conversation begins. A question that ends in an error is not kept in it.

    Raises UserError DM6060 for a conversation that is not the caller's, DM6064 for one that is full, and whatever `ask` raises.
    """
    require_asking(caller)
    previous, remarks = before(deps, caller, conversation_id, question if anew else "") if conversation_id else (None, ())
    turn = ask(deps, caller, question, previous=previous, remarks=remarks, anew=anew, source=source, cancel=cancel)
    return _kept(deps, caller, turn, conversation_id)


def put(
    deps: Deps, caller: Caller, query: SemanticQuery, *, conversation_id: str = "", source: str = "", cancel: Cancel | None = None
) -> Said:
    """Put a query into a conversation, such as a follow-up that was offered: what is asked next goes on from it. Raises as `converse`."""
    require_asking(caller)
    if conversation_id:
        _with_room(deps, caller, conversation_id)
    return _kept(deps, caller, query_of(deps, caller, query, source=source, cancel=cancel), conversation_id)


def choose(
    deps: Deps, caller: Caller, conversation_id: str, query_id: str, index: int, *, source: str = "", cancel: Cancel | None = None
) -> Said:
    """Take an option of a question back of this conversation. It is answered, and remembered for the next time that the person asks the same question.

    Raises UserError DM6060, DM6064 as `converse`, DM6062 where that turn offered no such option, and whatever the stages raise.
    """
    require_asking(caller)
    _with_room(deps, caller, conversation_id)
    who = caller.principal
    asked = deps.talk.conversations.turn(conversation_id, who.project_id, who.user_id, query_id)
    if asked is not None and is_redacted(asked.choices):
        raise UserError(
            Problem("DM6062", "a choice named personal data, which is not kept", hint="ask the whole question with what you mean")
        )
    options = _options(asked)
    if asked is None or index >= len(options):
        raise UserError(
            Problem("DM6062", "that question was not asked back with such a choice", hint="ask it again, and choose from what comes")
        )
    then = completed(compares=deps.compares)
    turn = walk(deps, caller, question=asked.question, query=options[index], source=source, cancel=cancel, then=then)
    said = _kept(deps, caller, turn, conversation_id)
    if turn.answer is not None and turn.answer.outcome is Outcome.ANSWER:
        _remember(deps, caller, asked, options, index, turn.answer.restated)
    return said


def before(deps: Deps, caller: Caller, conversation_id: str, anew: str = "") -> tuple[SemanticQuery | None, tuple[Problem, ...]]:
    """What a question of the conversation goes on from, and what is said where it can't. A question that is asked `anew` does not go on from what came of itself.

    Raises UserError DM6060, DM6064.
    """
    _with_room(deps, caller, conversation_id)
    kept, who = deps.talk.conversations, caller.principal
    last = _before_itself(deps, caller, conversation_id, anew) if anew else kept.last_answered(conversation_id, who.project_id, who.user_id)
    if last is None:
        return None, ()
    if is_redacted(last.semantic_query):
        return None, (no_previous("it named personal data, which is not kept"),)
    try:
        return SemanticQuery.from_json(last.semantic_query), ()
    except msgspec.ValidationError:
        return None, (no_previous("it was kept by another version"),)


def _before_itself(deps: Deps, caller: Caller, conversation_id: str, question: str) -> ConversationTurn | None:
    """The newest answered turn, but for those at the end that are of this question."""
    words, who = words_of(question), caller.principal
    latest = deps.talk.conversations.turns(conversation_id, who.project_id, who.user_id, 0, _LOOKED_BACK)
    earlier = dropwhile(lambda turn: words_of(turn.question) == words, latest)
    return next((turn for turn in earlier if turn.semantic_query), None)


def keep_alone(deps: Deps, caller: Caller, turn: Turn, conversation_id: str) -> None:
    """Begin the conversation of that id anew with an answered turn, in place of what it held; any other turn changes nothing."""
    if turn.answer is not None and turn.answer.outcome is Outcome.ANSWER:
        _begin(deps, caller, turn, turn.answer, conversation_id)


def keep_on(deps: Deps, caller: Caller, turn: Turn, conversation_id: str) -> None:
    """Keep a turn behind the others."""
    if turn.answer is not None:
        deps.talk.conversations.append(_record(caller, turn, turn.answer, conversation_id))


def list_conversations(deps: Deps, caller: Caller, *, before: str = "", limit: int = 50) -> Sequence[Conversation]:
    """The caller's own, the newest first. Raises UserError DM7010."""
    require_asking(caller)
    return deps.talk.conversations.page(caller.principal.project_id, caller.principal.user_id, before, limit)


def history(deps: Deps, caller: Caller, conversation_id: str, *, before: int = 0, limit: int = 50) -> Sequence[ConversationTurn]:
    """The turns of the caller's own conversation, the newest first. Raises UserError DM7010, DM6060."""
    require_asking(caller)
    own(deps, caller, conversation_id)
    who = caller.principal
    return deps.talk.conversations.turns(conversation_id, who.project_id, who.user_id, before, limit)


def rename(deps: Deps, caller: Caller, conversation_id: str, title: str) -> Conversation:
    """The conversation with that title, redacted. Raises UserError DM7010, DM6060."""
    require_asking(caller)
    who = caller.principal
    found = deps.talk.conversations.rename(conversation_id, who.project_id, who.user_id, redact(title.strip())[:LONGEST_TITLE])
    if found is None:
        raise _unknown()
    return found


def forget(deps: Deps, caller: Caller, conversation_id: str) -> None:
    """Forget the conversation with its turns; the query log keeps its own. Raises UserError DM7010, DM6060."""
    require_asking(caller)
    if not deps.talk.conversations.delete(conversation_id, caller.principal.project_id, caller.principal.user_id):
        raise _unknown()


def list_choices(deps: Deps, caller: Caller) -> Sequence[RememberedChoice]:
    """The caller's remembered choices, the newest first. Raises UserError DM7010."""
    require_asking(caller)
    return deps.talk.choices.of(caller.principal.project_id, caller.principal.user_id)


def forget_choice(deps: Deps, caller: Caller, choice_id: str) -> None:
    """Forget one. Raises UserError DM7010, DM6068 where the caller has none of that id."""
    require_asking(caller)
    if not deps.talk.choices.delete(choice_id, caller.principal.project_id, caller.principal.user_id):
        raise UserError(Problem("DM6068", "you have no remembered choice of that id", hint="list them to see their ids"))


def forget_choices(deps: Deps, caller: Caller) -> int:
    """Forget all of the caller's; how many there were. Raises UserError DM7010."""
    require_asking(caller)
    return deps.talk.choices.delete_of(caller.principal.project_id, caller.principal.user_id)


def own(deps: Deps, caller: Caller, conversation_id: str) -> Conversation:
    """The caller's own conversation. Raises UserError DM6060: the same for one that is another's and one that never was."""
    found = deps.talk.conversations.get(conversation_id, caller.principal.project_id, caller.principal.user_id)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> UserError:
    return UserError(Problem("DM6060", "you have no conversation of that id", hint="list your conversations, or begin one without an id"))


def _with_room(deps: Deps, caller: Caller, conversation_id: str) -> None:
    if own(deps, caller, conversation_id).turns >= MOST_TURNS:
        raise UserError(Problem("DM6064", f"a conversation holds {MOST_TURNS:,} questions, and this one is full", hint="begin a new one"))


def _kept(deps: Deps, caller: Caller, turn: Turn, conversation_id: str) -> Said:
    """Keep the turn in its conversation, or in a new one."""
    if turn.answer is None:
        raise TypeError("a turn that was not walked to its end is none of a conversation")
    if not conversation_id:
        conversation_id = new_id("cnv")
        _begin(deps, caller, turn, turn.answer, conversation_id)
        return Said(conversation_id, 1, turn)
    number = deps.talk.conversations.append(_record(caller, turn, turn.answer, conversation_id))
    if not number:
        raise _unknown()
    return Said(conversation_id, number, turn)


def _begin(deps: Deps, caller: Caller, turn: Turn, answer: Answer, conversation_id: str) -> None:
    record = _record(caller, turn, answer, conversation_id)
    who, now = caller.principal, turn.moment.now
    title = " ".join((record.question or record.restated).split())[:LONGEST_TITLE]
    begun = Conversation(conversation_id, who.project_id, who.user_id, caller.door, title, now, now)
    deps.talk.conversations.begin(begun, record, deps.talk.most)


def _record(caller: Caller, turn: Turn, answer: Answer, conversation_id: str) -> ConversationTurn:
    """The turn as it may be kept: as the query log has it."""
    who = caller.principal
    answered = answer.outcome is Outcome.ANSWER and answer.query is not None
    offered_queries = [choice.query for choice in answer.choices]
    return ConversationTurn(
        conversation_id,
        0,
        who.project_id,
        who.user_id,
        turn.query_id,
        redact(turn.question),
        redact(answer.restated),
        answer.outcome.value,
        redact_json(answer.query.canonical().decode()) if answered and answer.query is not None else "",
        redact_json(msgspec.json.encode(offered_queries, order="sorted").decode()) if offered_queries else "",
        turn.moment.now,
    )


def _options(asked: ConversationTurn | None) -> Sequence[SemanticQuery]:
    if asked is None or not asked.choices:
        return ()
    try:
        return msgspec.json.decode(asked.choices, type=list[SemanticQuery])
    except msgspec.ValidationError:  # kept by another version
        return ()


def _remember(deps: Deps, caller: Caller, asked: ConversationTurn, options: Sequence[SemanticQuery], index: int, text: str) -> None:
    """Keep which reading was chosen of the question; one that held personal data is not remembered, since its words are not known any more."""
    if is_redacted(asked.question):
        return
    every, forms = offered(options)
    who = caller.principal
    deps.talk.choices.keep(
        RememberedChoice(
            new_id("cho"),
            who.project_id,
            who.user_id,
            words_of(asked.question),
            asked.question,
            redact(text),
            every,
            forms[index],
            deps.clock.now(),
        ),
        MOST_CHOICES,
    )
