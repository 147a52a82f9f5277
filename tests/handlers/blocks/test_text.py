import pytest

from handlers.blocks.text import clean, count, cut, escape, name, one_line, prose, size


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("web-01", "web-01", id="ordinary"),
        pytest.param(" *_~`<!channel>:fire: ", " *_~`<!channel>:fire: ", id="markup"),
        pytest.param(
            "虚拟机 שרת 👩‍💻", "虚拟机 שרת 👩‍💻", id="scripts and joined emoji"
        ),
        pytest.param("web\x00\x1b", "web⟨U+0000⟩⟨U+001B⟩", id="control"),
        pytest.param("\u202egpj", "⟨U+202E⟩gpj", id="turns the direction"),
        pytest.param("web\u200b-01", "web⟨U+200B⟩-01", id="zero width"),
        pytest.param(
            "web\u200d-01", "web⟨U+200D⟩-01", id="a joiner with nothing to join"
        ),
        pytest.param("\ud800", "⟨U+D800⟩", id="half a character"),
        pytest.param("a\r\nb\nc\rd", "a\nb\nc⟨U+000D⟩d", id="line ends"),
    ],
)
def test_what_cannot_be_seen_is_made_visible_and_the_rest_stays(text, shown):
    assert clean(text) == shown


def test_a_name_cannot_pose_as_a_second_line():
    assert one_line("web\nOutcome:\tfine") == "web⏎Outcome:⇥fine"


@pytest.mark.parametrize("text", ["", " ", "\u200c", "\u00a0", None], ids=repr)
def test_a_text_without_ink_is_a_dash(text):
    assert {name(text), prose(text, 10)} <= {"—", "⟨U+200C⟩"}


def test_a_text_of_kept_joiners_alone_is_a_dash():
    assert prose("\n\n", 10) == "—"


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        pytest.param("12345", 5, "12345", id="fits"),
        pytest.param("123456", 5, "1234…", id="too long"),
        pytest.param("👍👍👍", 6, "👍👍👍", id="wide characters count twice"),
        pytest.param("👍👍👍", 5, "👍👍…", id="cut between wide characters"),
        pytest.param("👍👍👍", 4, "👍…", id="never inside a wide character"),
    ],
)
def test_a_cut_text_ends_in_an_ellipsis(text, limit, shown):
    assert cut(text, limit) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        pytest.param("<!here> & &amp;", 99, "&lt;!here&gt; &amp; &amp;amp;", id="once"),
        pytest.param("&&&&", 11, "&amp;&amp;…", id="no entity is cut"),
        pytest.param("a&&&&", 6, "a…", id="what cannot be kept whole goes"),
    ],
)
def test_the_fallback_is_escaped_once_and_never_too_long(text, limit, shown):
    escaped = escape(text, limit)

    assert escaped == shown
    assert size(escaped) <= limit


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1 row"), (2, "2 rows"), (0, "0 rows")]
)
def test_things_are_counted_in_english(number, said):
    assert count(number, "row") == said
