import pytest

from benchmarks import alerts, latency, race, waiting


def test_latency_tells_how_late_each_answer_was(capsys, tmp_path):
    chart = tmp_path / "latency.svg"

    latency.main(["--commands", "2", "--chart", str(chart)])

    said = capsys.readouterr().out
    assert all(it in said for it in (latency.CALLED, latency.UNCALLED, race.POLLER))
    assert chart.read_text().startswith("<svg")


@pytest.mark.parametrize("webhook", ["on", "off"])
def test_waiting_tells_what_a_waiting_command_costs(capsys, webhook):
    waiting.main(
        ["--commands", "3", "--seconds", "1", "--settling", "0", "--webhook", webhook]
    )

    said = capsys.readouterr().out
    assert "CPU, of one core" in said


def test_alerts_tell_what_a_storm_costs_people(capsys):
    alerts.main(["--alerts", "20", "--seconds", "1"])

    said = capsys.readouterr().out
    assert alerts.STORM in said
    assert "20 alerts recorded" in said
