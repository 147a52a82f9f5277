"""The policy file on the disk: a right one is taken up, a wrong one never."""

import pytest

from bot.policy_file import PolicyFile
from bot.settings import SettingsFault
from desk.policy import Policy

ONE = "rules: [{name: one, effect: allow}]"
WRONG = "rules: [{name: one}]"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(ONE)
    return path


def names(policy):
    return [rule.name for rule in policy().rules]


def write(path, text):
    """Write it as careful tools do: another file in its place."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.rename(path)


def test_without_a_file_the_default_holds(tmp_path):
    policy = PolicyFile(tmp_path / "policy.yaml")

    policy.must_be_right()
    assert policy() == Policy()
    assert policy.said == "the built-in default holds"


def test_a_file_holds_from_the_start(file):
    policy = PolicyFile(file)

    assert names(policy) == ["one"]
    assert policy.said == f"{file} holds, with 1 rules"


def test_a_file_that_comes_later_is_taken_up(tmp_path, file):
    file.unlink()
    policy = PolicyFile(file)

    file.write_text(ONE)
    policy.look()

    assert names(policy) == ["one"]


def test_changed_clouds_are_said_to_want_a_restart(file):
    policy = PolicyFile(file)

    write(file, f"{ONE}\nclouds: {{lab: {{url: http://lab.example}}}}")
    policy.look()
    said = policy.said
    write(file, ONE)
    policy.look()

    assert "restart the bot for its changed clouds" in said
    assert "restart" not in policy.said


def test_a_changed_file_is_taken_up(file):
    policy = PolicyFile(file)

    write(file, ONE.replace("one", "two"))
    policy.look()

    assert names(policy) == ["two"]


def test_a_file_that_did_not_change_is_left_alone(file):
    policy = PolicyFile(file)
    held = policy()

    policy.look()

    assert policy() is held


def test_a_wrong_file_keeps_the_one_before_and_says_so(file):
    policy = PolicyFile(file)

    write(file, WRONG)
    policy.look()

    assert names(policy) == ["one"]
    assert policy.said == (
        f"{file} is wrong, so the one before holds: line 1, column 9: “effect” is missing"
    )


def test_a_mended_file_holds_again(file):
    policy = PolicyFile(file)
    write(file, WRONG)
    policy.look()

    write(file, ONE)
    policy.look()

    assert policy.said == f"{file} holds, with 1 rules"


def test_a_file_that_is_wrong_at_the_start_allows_nothing_and_stops_it(file):
    write(file, f"{WRONG}\nx: 1")

    policy = PolicyFile(file)

    assert policy().rules == ()
    assert "and one that runs keeps the one before: line 1" in policy.said
    with pytest.raises(SettingsFault) as caught:
        policy.must_be_right()
    first, second = str(caught.value).splitlines()
    assert first == f"POLICY_FILE: {file}: line 1, column 9: “effect” is missing"
    assert second.startswith(f"POLICY_FILE: {file}: line 2, column 1: “x” is not known")


@pytest.mark.parametrize("again", [1, 2], ids=["once", "and read again"])
def test_a_file_that_is_taken_away_keeps_the_one_before(file, again):
    policy = PolicyFile(file)

    file.unlink()
    for _ in range(again):
        policy.reread()

    assert names(policy) == ["one"]
    assert "it is gone; put it back, or restart for the default" in policy.said


def test_a_file_that_is_no_text_is_wrong(file):
    file.write_bytes(b"\xff\xfe\x00")

    assert PolicyFile(file).faults == ("it is not UTF-8 text",)


def test_what_is_no_file_is_wrong(tmp_path):
    assert PolicyFile(tmp_path).faults == ("it cannot be read: Is a directory",)


def test_what_lies_behind_a_link_is_watched(tmp_path, file):
    """Kubernetes exchanges the link when a config map changes."""
    link, other = tmp_path / "link.yaml", tmp_path / "other.yaml"
    link.symlink_to(file)
    policy = PolicyFile(link)
    other.write_text(ONE.replace("one", "two"))

    link.unlink()
    link.symlink_to(other)
    policy.look()

    assert names(policy) == ["two"]
