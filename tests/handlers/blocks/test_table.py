def test_a_table_shows_cells_as_they_are(shown):
    message = shown(table=(("id", "title"), ("1", "*<!here>*")))

    assert message.blocks[1]["rows"] == [
        [{"type": "raw_text", "text": cell} for cell in row]
        for row in (("id", "title"), ("1", "*<!here>*"))
    ]


def test_short_rows_and_empty_cells_are_filled(shown, words):
    message = shown(table=(("a", "b"), ("1",), ("", "2")))

    assert words(message)[1:] == ["a", "b", "1", "—", "—", "2"]


def test_a_table_without_cells_is_left_out(shown):
    assert len(shown(table=((), ())).blocks) == 1


def test_rows_and_columns_beyond_the_limits_are_counted(shown, words):
    message = shown(table=(tuple("abcdefghijklmnopqrstuv"),) * 103)

    assert words(message)[-1].endswith(" and 2 more columns.")
    assert len(message.blocks[1]["rows"][0]) == 20


def test_one_row_too_many_is_counted(shown, words):
    assert words(shown(table=(("a",),) * 101))[-1] == "Not shown: 1 more row."


def test_rows_beyond_the_room_are_counted(shown, words):
    message = shown(table=(("x" * 500,),) * 50)

    shown_rows = len(message.blocks[1]["rows"])
    assert words(message)[-1] == f"Not shown: {50 - shown_rows} more rows."


def test_a_table_with_no_room_left_is_only_counted(shown, words):
    message = shown(lines=("y" * 1000,) * 40, table=(("x" * 500,) * 20,) * 3)

    assert words(message)[-1] == "Not shown: 2 more rows."
