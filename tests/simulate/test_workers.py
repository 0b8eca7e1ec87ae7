"""Sessions in this process or in others; killing is tested in test_generate."""

from labutils.simulate import workers


def test_one_worker_records_here_in_order(monkeypatch):
    recorded = []
    monkeypatch.setattr(workers, "record_session", lambda *job: recorded.append(job) or len(recorded))
    assert list(workers.record_sessions([("a", 1), ("b", 2)], 1)) == [1, 2]
    assert recorded == [("a", 1), ("b", 2)]
