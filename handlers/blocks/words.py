"""The outcome in the first line, what was said about it, and who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.notice import Notice, Outcome, Slot, Stand, Voice
from handlers.blocks.rich import (
    bold,
    bullets,
    code,
    paragraph,
    rich_text,
    run,
    section,
    who,
)
from handlers.blocks.text import Block, count, cut, name, plain, prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SIGNS = {
    Outcome.ACCEPTED: "",
    Outcome.RUNNING: "🔄",
    Outcome.SUCCEEDED: "✅",
    Outcome.UNCHANGED: "⚪",
    Outcome.FAILED: "❌",
    Outcome.REFUSED: "🚫",
    Outcome.EXPIRED: "⌛",
    Outcome.UNKNOWN: "❓",
}
"""What stands before the title; a question or a help text has no outcome yet."""

STANDS = {
    Stand.FIRING: "🔥",
    Stand.PART_RESOLVED: "🔥",
    Stand.RESOLVED: "✅",
    Stand.HAPPENED: "🔔",
}
"""What stands before the title of a card of alerts."""

_SEEN_BY_OTHERS = {Slot.ANSWER, Slot.DIRECT, Slot.COPY}
"""Where the asker is worth naming: a thread has called them, private is theirs alone."""

_HEADER = 150
_TITLE = 700
_LINE = 1_000
_PARAGRAPH = 2_500
_PARAGRAPHS = 4
_VOICES = 20
_MINUTE = 60
_LONG = 1e9


def headline(notice: Notice) -> str:
    """Sign and title, on one line."""
    sign, title = sign_of(notice), name(notice.title, _TITLE)
    return f"{sign} {title}" if sign else title


def sign_of(notice: Notice) -> str:
    """What shows at a glance where something stands."""
    return STANDS[notice.stand] if notice.stand else SIGNS[notice.outcome]


def head(notice: Notice) -> list[Block]:
    """Show the outcome; a reply in a thread calls the asker instead of shouting."""
    if notice.slot is Slot.AUDIT and notice.lines:  # which need none
        return []
    line = headline(notice)
    if notice.slot is Slot.THREAD:
        called = [who(notice.asker), run(" ")] if notice.asker else []
        return [paragraph(*called, bold(line))]
    header = {"type": "header", "text": plain(cut(line, _HEADER))}
    # A cut header says the whole below: the end of a name is what tells two VMs apart.
    whole = [] if header["text"] == plain(line) else [paragraph(run(line))]
    return [header, *whole]


def said(notice: Notice) -> list[Block]:
    """Show progress and lines, as many as fit."""
    lines = [prose(line, _LINE) for line in notice.lines]
    if notice.progress:
        lines.insert(0, name(notice.progress))
    texts = list(_packed(lines))
    shown = [paragraph(run("\n".join(text))) for text in texts[:_PARAGRAPHS]]
    if left := sum(map(len, texts[_PARAGRAPHS:])):
        shown.append(paragraph(run(f"Not shown: {count(left, 'more line')}.")))
    return shown


def held(notice: Notice) -> list[Block]:
    """Show who has an alert in hand."""
    return [paragraph(who(notice.holder), run(" has it."))] if notice.holder else []


def advice(notice: Notice) -> list[Block]:
    """Show what to do next."""
    if not notice.next_step:
        return []
    return [paragraph(bold("Next: "), run(prose(notice.next_step, _LINE)))]


def voices(notice: Notice) -> list[Block]:
    """Show who said what to a request."""
    lines = [_voice(voice) for voice in notice.voices[:_VOICES]]
    if left := len(notice.voices) - len(lines):
        lines.append([run(f"Not shown: {left} more people.")])
    return [rich_text(bullets(section(*line) for line in lines))] if lines else []


def _voice(voice: Voice) -> list[Block]:
    said = run(name(voice.said))
    return [who(voice.person), run(" "), said] if voice.person else [said]


def spoken(voice: Voice) -> str:
    """Say it where nobody can be mentioned."""
    return f"{name(voice.person.user)} {voice.said}" if voice.person else voice.said


def signature(notice: Notice) -> list[Block]:
    """Show who asked, how long it took and under which id it is remembered."""
    facts: list[list[Block]] = []
    if notice.asker and notice.slot in _SEEN_BY_OTHERS:
        facts.append([run("Asked by "), who(notice.asker)])
    is_asked = notice.slot is Slot.PRIVATE and not notice.outcome.is_final
    is_question = is_asked and bool(notice.choices)
    if is_question and notice.summary:  # which of two that look the same
        facts.append([run("For "), code(name(notice.summary))])
    if notice.seconds is not None:
        facts.append([run(f"took {duration(notice.seconds)}")])
    is_named = notice.slot not in {Slot.PRIVATE, Slot.AUDIT}
    if notice.command_id and (is_question or is_named):
        facts.append([code(name(notice.command_id))])
    line = [it for fact in facts for it in (run(" · "), *fact)][1:]
    return [paragraph(*line)] if line else []


def duration(seconds: float) -> str:
    """Write a time the way it is spoken; what is no time as it is."""
    if not _MINUTE <= seconds < _LONG:
        return name(f"{seconds:.1f} s", 40)
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s"


def _packed(lines: Iterable[str]) -> Iterator[list[str]]:
    pack: list[str] = []
    for line in lines:
        if pack and len(line) + sum(map(len, pack)) > _PARAGRAPH:
            yield pack
            pack = []
        pack.append(line)
    if pack:
        yield pack
