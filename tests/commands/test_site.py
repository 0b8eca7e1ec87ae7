"""`site` hands its options on."""

from pathlib import Path

from labutils.__main__ import main
from labutils.reading_edition import site


def test_solutions_are_left_out_only_if_asked(tmp_path, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(
        site,
        "write_site",
        lambda notebooks, out, **options: seen.append(options) or ([Path("index.html")], []),
    )
    assert main(["site", "--out", str(tmp_path)]) == 0
    assert main(["site", "--out", str(tmp_path), "--without-solutions", "--quiet"]) == 0
    assert [options["solutions"] for options in seen] == [True, False]
    assert capsys.readouterr().out == "1 pages; begin with index.html\n"
