"""The report on the simulator looks at its data first."""

from labutils.__main__ import main


def test_missing_data_are_named_before_anything_is_drawn(tmp_path, capsys):
    assert main(["report", "simulator", "--data", str(tmp_path / "nowhere")]) == 1
    assert "nowhere does not exist" in capsys.readouterr().err
