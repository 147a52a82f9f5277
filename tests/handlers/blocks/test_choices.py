import pytest

from desk.notice import Choice
from handlers.blocks.text import cut


def choices(number, **fields):
    return tuple(
        Choice(**{"label": f"iso-{at}", "offer": f"o{at}"} | fields)
        for at in range(number)
    )


def test_buttons_carry_their_offers_five_in_a_row(shown):
    message = shown(choices=choices(7, style="danger"))

    rows = [block["elements"] for block in message.blocks[1:]]
    assert [len(row) for row in rows] == [5, 2]
    assert rows[1][1] == {
        "type": "button",
        "action_id": "offer:6",
        "text": {"type": "plain_text", "text": "iso-6", "emoji": False},
        "value": "o6",
        "style": "danger",
    }


def test_a_few_to_pick_from_show_their_details_beside_a_button(shown):
    message = shown(choices=choices(5, detail="40 GiB"), pick=True)

    sections = message.blocks[1:]
    assert [it["text"]["text"] for it in sections][4] == "iso-4\n40 GiB"
    assert sections[4]["accessory"]["value"] == "o4"
    assert sections[4]["accessory"]["accessibility_label"] == "Choose iso-4"
    assert "style" not in sections[4]["accessory"]


def test_a_choice_without_words_can_still_be_picked(shown, words):
    assert words(shown(choices=choices(1, label=""), pick=True))[1] == "—"


def test_many_to_pick_from_make_one_menu(shown):
    (select,) = shown(choices=choices(6), pick=True).blocks[1]["elements"]

    assert select["action_id"] == "offer:0"
    assert [option["value"] for option in select["options"]] == [
        f"o{at}" for at in range(6)
    ]
    assert "description" not in select["options"][0]


def test_the_menu_describes_what_it_offers(shown):
    message = shown(choices=choices(6, detail="on kvm-1"), pick=True)

    option = message.blocks[1]["elements"][0]["options"][0]
    assert option["description"]["text"] == "on kvm-1"


def test_what_a_menu_cannot_hold_is_named_by_uuid(shown, words):
    message = shown(choices=choices(103), pick=True)

    assert len(message.blocks[1]["elements"][0]["options"]) == 100
    assert words(message)[-1] == "3 more choices not shown. A uuid names one exactly."


@pytest.mark.parametrize("pick", [False, True], ids=["buttons", "picker"])
@pytest.mark.parametrize("number", [1, 6], ids=["one", "many"])
@pytest.mark.parametrize("offer", ["", "o" * 2001], ids=["none", "too long"])
def test_an_offer_that_does_not_fit_is_never_cut(shown, words, pick, number, offer):
    message = shown(choices=choices(number, offer=offer), pick=pick)

    assert "not shown" in words(message)[-1]
    assert len(message.blocks) == 2


def test_a_link_is_a_button(shown):
    message = shown(link=("Log in", "https://bot.example/login/1"))

    assert message.blocks[1]["elements"] == [
        {
            "type": "button",
            "action_id": "link:0",
            "text": {"type": "plain_text", "text": "Log in", "emoji": False},
            "url": "https://bot.example/login/1",
            "style": "primary",
        }
    ]


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("javascript:alert(1)", id="no page"),
        pytest.param("https://a b", id="broken"),
        pytest.param("https://x/" + "y" * 3000, id="too long"),
    ],
)
def test_a_link_that_slack_refuses_is_words(shown, words, url):
    assert words(shown(link=("Open", url)))[1] == f"Open: {cut(url, 500)}"
