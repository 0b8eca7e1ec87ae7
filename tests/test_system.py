"""The trained whole on clicks and squares: its answers, its files, and what it says when something is wrong."""

import copy
import dataclasses
import functools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from labutils.datasets import (
    SYMMETRIES,
    VideoFeatures,
    audio_features,
    even_vectors,
    turn_channels,
    turn_vector,
    video_features,
)
from scipy.special import log_softmax
from torch import nn

from labutils import system
from labutils.clips import CLASS_NAMES, Clip, ClipError, audio_clips, read_truth, train_clips, video_clips
from labutils.matching import UNMATCHED
from labutils.system import CARD, WEIGHTS, ImpactMatcher, Matching, Settings, outputs
from labutils.training import History, TowerSettings, fit_classifier, fit_towers


@pytest.fixture
def matcher(click_models) -> ImpactMatcher:
    return ImpactMatcher.load(click_models)


@pytest.fixture
def settings(matcher) -> Settings:
    return matcher.settings


@pytest.fixture(scope="module")
def group(click_data) -> tuple[np.ndarray, VideoFeatures]:
    """The features of the group of task 3."""
    folder = click_data / "dataset" / "task3" / "test" / "0"
    sounds, videos = audio_clips(folder), video_clips(folder)
    return audio_features(sounds, (32, 4), progress=False), video_features(videos, progress=False)


@pytest.fixture
def models(click_models, tmp_path) -> Path:
    """Saved networks that a test may damage."""
    return shutil.copytree(click_models, tmp_path / "models")


def assert_same_weights(a: nn.Module, b: nn.Module) -> None:
    for (name, left), right in zip(a.state_dict().items(), b.state_dict().values(), strict=True):
        assert torch.equal(left, right), name


def with_known_classes(matcher: ImpactMatcher, audio, video) -> ImpactMatcher:
    matcher.classify = lambda _: np.array(audio)
    matcher.classify_videos = lambda _: np.array(video)
    return matcher


# Training


def test_classifiers_learn_what_they_validate_on_other_sessions(matcher):
    assert matcher.facts["kept_out_clips"] == 12 and matcher.facts["training_clips"] == 24
    assert min(matcher.facts["validation_accuracy"].values()) > 0.6, "chance is 0.33"


def test_voters_begin_and_train_differently_and_answer_together(matcher, group):
    standardise, ensemble = matcher.audio_classifier
    first, second = (outputs(nn.Sequential(standardise, member), group[0]) for member in ensemble.members)
    assert not np.allclose(first, second)
    together = log_softmax(first, axis=1) + log_softmax(second, axis=1)
    assert matcher.classify(group[0]).tolist() == together.argmax(axis=1).tolist()


def test_there_is_a_pair_of_towers_and_a_history_for_every_class_in_the_data(matcher, settings):
    assert sorted(matcher.towers) == ["0", "1", "2"]
    towers = [f"towers {name}" for name in CLASS_NAMES[:3]]
    others = ["audio classifier 1", "audio classifier 2", "frame classifier", "towers of all classes"]
    assert sorted(matcher.histories) == sorted([*others, *towers])
    assert matcher.histories["towers of all classes"].epochs == settings.towers.shared_epochs
    assert matcher.histories["audio classifier 2"].epochs == settings.audio.epochs
    assert matcher.histories[towers[0]].epochs == settings.towers.epochs
    assert 0 < matcher.threshold < np.inf


def test_interrupted_training_goes_on_to_the_same_weights(matcher, click_data, tmp_path, monkeypatch):
    """Interrupted in the towers of the first class, a run trains nothing again that was finished."""
    checkpoints, cache = tmp_path / "checkpoints", tmp_path / "features"
    options = {"checkpoints": checkpoints, "cache": cache, "progress": False}
    calls = iter([fit_towers, interrupted])
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(system, "fit_towers", lambda *args, **kwargs: next(calls)(*args, **kwargs))
        system.train(click_data, matcher.settings, **options)
    assert len(list(checkpoints.rglob("*.pt"))) == 5

    no_step = functools.partial(
        fit_classifier, should_stop=lambda: pytest.fail("a finished part was trained")
    )
    monkeypatch.setattr(system, "fit_classifier", no_step)
    resumed = system.train(click_data, matcher.settings, **options)
    assert_same_weights(resumed, matcher)
    assert resumed.facts == matcher.facts
    assert {n: h.curves for n, h in resumed.histories.items()} == {
        n: h.curves for n, h in matcher.histories.items()
    }
    assert not list(checkpoints.rglob("*.pt"))


def interrupted(towers, clips, settings, *, on_epoch, **options):
    """Train one epoch, then Ctrl-C."""

    def press(history):
        raise KeyboardInterrupt

    return fit_towers(towers, clips, settings, on_epoch=press, **options)


def test_data_of_one_session_are_refused(click_data, settings, tmp_path):
    data = copy_of_training(click_data, tmp_path)
    (data / "manifest.json").write_text(json.dumps({"sessions": {n: [[10, 23]] for n in CLASS_NAMES[:3]}}))
    with pytest.raises(ClipError, match="1 session, expected at least 2"):
        system.train(tmp_path, settings, progress=False)


def test_class_with_one_clip_to_train_with_is_refused_before_any_training(click_data, settings, tmp_path):
    data = copy_of_training(click_data, tmp_path)
    for clip_id in (11, 12, 13, 21, 22, 23):
        shutil.rmtree(data / "train" / CLASS_NAMES[1] / str(clip_id))
    with pytest.raises(ClipError, match="green_basketball: found 1 training clip beside the kept-out"):
        system.train(tmp_path, settings, progress=False)


def copy_of_training(click_data: Path, folder: Path) -> Path:
    shutil.copytree(click_data / "dataset" / "train", folder / "dataset" / "train")
    shutil.copy(click_data / "dataset" / "manifest.json", folder / "dataset")
    return folder / "dataset"


def test_settings_survive_json():
    design = TowerSettings(loss="plain", blocks=(2, 1, 1), video="masks")
    settings = dataclasses.replace(system.QUICK, seed=3, shrink=(4, 4), towers=design)
    assert Settings.from_dict(json.loads(json.dumps(dataclasses.asdict(settings)))) == settings


@pytest.fixture
def mel_settings(settings) -> Settings:
    return dataclasses.replace(settings, mel_voters=True, linear_voter=True)


def test_mel_voters_see_mel_bands_and_all_others_the_even_ones(click_data, mel_settings):
    sounds = audio_clips(click_data / "dataset" / "task1" / "test")[:2]
    even, mel, close = (
        audio_features(sounds, (32, 4), views=[view], progress=False) for view in ("even", "mel", "close-up")
    )
    pictures = system.sound_features(sounds, mel_settings, progress=False)
    np.testing.assert_array_equal(pictures, np.concatenate([even, mel, close], axis=2))
    np.testing.assert_array_equal(system.even_bands(pictures, mel_settings), even)
    first, second = system.audio_classifier(mel_settings)[1].members
    for voter, seen in ((first, even), (second, mel)):
        np.testing.assert_allclose(outputs(voter, pictures), outputs(voter[1], seen), rtol=1e-4, atol=1e-4)
    assert (first[1].pool, second[1].pool) == ("width", "time")
    assert Settings().mel_voters and not system.REPORT.mel_voters


def test_linear_voter_alone_tells_the_sounds_of_other_clips(click_data, mel_settings):
    clips = train_clips(click_data)
    labels = np.array([clip.label for clip in clips])
    pictures = torch.from_numpy(system.sound_features(clips, mel_settings, progress=False)).float()
    voter = system.audio_classifier(mel_settings)[1].peer
    voter.set_to(pictures[::2], labels[::2])
    assert (voter(pictures[1::2]).argmax(dim=1).numpy() == labels[1::2]).mean() > 0.8, "chance is 0.33"


@pytest.mark.parametrize("known", [1, 2])
def test_linear_voter_serves_recordings_of_one_or_two_classes(click_data, mel_settings, known):
    clips = train_clips(click_data)
    labels = np.array([clip.label for clip in clips])
    rows = np.isin(labels, np.unique(labels)[:known])
    pictures = torch.from_numpy(system.sound_features(clips, mel_settings, progress=False)).float()
    voter = system.audio_classifier(mel_settings)[1].peer
    voter.set_to(pictures[rows][::2], labels[rows][::2])
    assert (voter(pictures[rows][1::2]).argmax(dim=1).numpy() == labels[rows][1::2]).mean() > 0.8


def test_linear_voter_hears_the_same_whatever_wall_was_hit(mel_settings):
    voter = system.audio_classifier(mel_settings)[1].peer
    rng = np.random.default_rng(0)
    picture = torch.from_numpy(rng.normal(size=(3, 4, 40, 49))).float()
    features = voter.features(picture)
    np.testing.assert_allclose(voter.features(picture[:, [2, 0, 3, 1]]), features, atol=1e-5)
    later = picture.clone()
    later[:, :, -voter.close_bands :, 24 + 8] += 5  # a longer ring, in the close-up alone
    assert not np.allclose(voter.features(later), features, atol=1)


def test_networks_beside_a_linear_voter_do_not_see_the_close_up(click_data, mel_settings):
    settings = dataclasses.replace(mel_settings, mel_voters=False)
    sounds = audio_clips(click_data / "dataset" / "task1" / "test")[:2]
    pictures = system.sound_features(sounds, settings, progress=False)
    voter, *_ = system.audio_classifier(settings)[1].members
    changed = pictures.copy()
    changed[:, :, -system.close_bands(settings) :] = 0
    np.testing.assert_array_equal(outputs(voter, changed), outputs(voter, pictures))


def test_system_with_mel_voters_learns_and_answers_the_same_when_loaded(click_data, mel_settings, tmp_path):
    trained = system.train(click_data, mel_settings, progress=False)
    assert trained.facts["validation_accuracy"]["audio classifier"] > 0.6, "chance is 0.33"
    trained.save(tmp_path)
    folder = click_data / "dataset" / "task3" / "test" / "0"
    answers = [
        system.match_folder(matcher, folder, complete=False, progress=False)[1]
        for matcher in (trained, ImpactMatcher.load(tmp_path))
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("video", ["centroids", "motion", "masks"])
@pytest.mark.parametrize("audio_pool", ["width", "frequency"])
def test_every_kind_of_tower_reaches_the_embedding(group, settings, video, audio_pool):
    design = dataclasses.replace(settings.towers, video=video, audio_pool=audio_pool)
    towers = system.tower_networks(dataclasses.replace(settings, towers=design))
    spectrograms, videos = group
    clips = system.video_input(videos, design)
    assert outputs(towers.audio, spectrograms).shape == outputs(towers.video, clips).shape == (6, 10)
    assert 0 <= clips.min() <= clips.max() <= 1


def test_normalised_towers_end_on_the_unit_sphere_and_others_do_not(group, settings):
    for normalise in (True, False):
        design = dataclasses.replace(settings.towers, normalise=normalise)
        towers = system.tower_networks(dataclasses.replace(settings, towers=design))
        embeddings = (
            outputs(towers.audio, group[0]),
            outputs(towers.video, system.video_input(group[1], design)),
        )
        lengths = np.concatenate([np.linalg.norm(embedding, axis=1) for embedding in embeddings])
        assert np.allclose(lengths, 1, atol=1e-5) == normalise


def test_report_towers_are_those_of_the_report():
    towers = system.tower_networks(dataclasses.replace(system.REPORT, shrink=(8, 4)))
    audio, video = (sum(p.numel() for p in tower.parameters()) for tower in (towers.audio, towers.video))
    assert (audio, video) == (269866, 1385), (
        "ResNet-20 and MLP 70-15-10-10, counted by hand in notebooks 2 and 3"
    )


def test_classes_begin_with_what_all_classes_taught(click_data, settings, monkeypatch):
    """Each pair of towers starts where the shared ones ended; from nothing, if there are none."""
    starts = []

    def fit(towers, clips, design, **_):
        starts.append((copy.deepcopy(towers.state_dict()), len(set(clips.labels)), design.learning_rate))
        for parameter in towers.parameters():
            parameter.data.fill_(len(starts))
        return History({"train loss": [0.0]})

    monkeypatch.setattr(system, "fit_towers", fit)
    system.train(click_data, settings, progress=False)
    (_, classes, rate), *others = starts
    assert (classes, len(others)) == (3, 3)
    for weights, classes, own_rate in others:
        assert classes == 1 and own_rate == pytest.approx(system.FINE_TUNING * rate)
        assert all((weights[name] == 1).all() for name in weights if name.endswith("weight"))
    starts.clear()
    alone = dataclasses.replace(settings, towers=dataclasses.replace(settings.towers, shared_epochs=0))
    system.train(click_data, alone, progress=False)
    assert [(classes, own_rate) for _, classes, own_rate in starts] == [(1, rate)] * 3


# Save and load


def test_loaded_system_gives_the_same_answers(matcher, click_data, tmp_path):
    matcher.save(tmp_path)
    loaded = ImpactMatcher.load(tmp_path)
    assert_same_weights(loaded, matcher)
    assert loaded.facts == matcher.facts
    assert loaded.settings == matcher.settings
    assert loaded.histories == matcher.histories
    folder = click_data / "dataset" / "task3" / "test" / "0"
    first, second = (
        system.match_folder(one, folder, complete=False, progress=False)[0] for one in (matcher, loaded)
    )
    np.testing.assert_array_equal(first.assignment, second.assignment)
    np.testing.assert_array_equal(first.distance, second.distance)
    assert sorted(path.name for path in tmp_path.iterdir()) == [CARD, WEIGHTS]


def test_card_says_what_the_networks_are(click_models, settings):
    card = json.loads((click_models / CARD).read_text())
    assert card["classes"] == [0, 1, 2]
    assert Settings.from_dict(card["settings"]) == settings
    assert {"data_fingerprint", "validation_accuracy", "threshold"} <= set(card["facts"])


def flip_a_bit(models: Path) -> None:
    weights = bytearray((models / WEIGHTS).read_bytes())
    weights[-100] ^= 1
    (models / WEIGHTS).write_bytes(weights)


def edit_card(**changes):
    def edit(models: Path) -> None:
        card = json.loads((models / CARD).read_text())
        (models / CARD).write_text(json.dumps(card | changes))

    return edit


def edit_setting(models: Path) -> None:
    card = json.loads((models / CARD).read_text())
    card["settings"]["shrink"] = [32, 5]  # the weights have the same shapes, and would answer nonsense
    (models / CARD).write_text(json.dumps(card))


def add_setting(models: Path) -> None:
    """As if another version of the lab had written the card."""
    card, weights = json.loads((models / CARD).read_text()), (models / WEIGHTS).read_bytes()
    card["settings"]["towers"]["colour"] = "red"
    card["sha256"] = system._seal(card["settings"], card["classes"], weights)
    (models / CARD).write_text(json.dumps(card))


def add_voter(models: Path) -> None:
    """As if another version of the lab had made other networks of the same settings."""
    card, weights = json.loads((models / CARD).read_text()), (models / WEIGHTS).read_bytes()
    card["settings"]["voters"] += 1
    card["sha256"] = system._seal(card["settings"], card["classes"], weights)
    (models / CARD).write_text(json.dumps(card))


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (add_voter, CARD),
        (flip_a_bit, WEIGHTS),
        (lambda models: (models / WEIGHTS).write_bytes(b""), WEIGHTS),
        (lambda models: (models / WEIGHTS).unlink(), WEIGHTS),
        (lambda models: (models / CARD).unlink(), CARD),
        (lambda models: (models / CARD).write_text("{"), CARD),
        (lambda models: (models / CARD).write_bytes(b"\xff\xfe\x00"), CARD),
        (lambda models: (models / CARD).write_text("[]"), CARD),
        (lambda models: (models / CARD).write_text("{}"), CARD),
        (edit_card(classes=[0, 1]), CARD),
        (edit_card(settings=None), CARD),
        (add_setting, CARD),
        (edit_setting, CARD),
    ],
)
def test_damaged_model_is_refused_in_one_sentence(models, damage, named):
    damage(models)
    with pytest.raises(ClipError) as caught:
        ImpactMatcher.load(models)
    message = str(caught.value)
    assert named in message
    assert f"python -m labutils train --models {models}" in message
    assert "\n" not in message


def test_networks_are_trained_once_and_loaded_afterwards(matcher, click_data, tmp_path, monkeypatch):
    runs = []
    monkeypatch.setattr(system, "train", lambda *args, **options: runs.append(args) or matcher)
    first = system.load_or_train(tmp_path / "new", click_data, matcher.settings)
    second = system.load_or_train(tmp_path / "new", click_data, matcher.settings)
    assert runs == [(click_data, matcher.settings)]
    assert_same_weights(first, second)


def test_networks_of_other_settings_are_not_taken_for_what_was_asked(matcher, click_models, click_data):
    towers = dataclasses.replace(matcher.settings.towers, loss="weighted")
    other = dataclasses.replace(matcher.settings, seed=9, towers=towers)
    with pytest.raises(ClipError) as caught:
        system.load_or_train(click_models, click_data, other)
    assert "seed is 0, expected 9; towers.loss is 'plain', expected 'weighted'" in str(caught.value)
    assert str(click_models) in str(caught.value)


def test_networks_of_other_data_are_not_taken_for_those_of_the_folder(
    matcher, click_data, tmp_path, monkeypatch
):
    monkeypatch.setattr(matcher, "facts", {"data_set": "a" * 64})
    matcher.save(tmp_path)
    monkeypatch.setattr(system, "read_manifest", lambda data: {"fingerprint": "b" * 64})
    with pytest.raises(ClipError, match="trained on other data"):
        system.load_or_train(tmp_path, click_data, matcher.settings)
    monkeypatch.setattr(system, "read_manifest", lambda data: None)  # of recordings nothing is known
    assert_same_weights(system.load_or_train(tmp_path, click_data, matcher.settings), matcher)


def test_fingerprint_changes_with_any_number():
    a, b = np.zeros(5), np.zeros(5)
    assert system.fingerprint(a, b) == system.fingerprint(a.copy(), b)
    b[4] = 1e-9
    assert system.fingerprint(a, b) != system.fingerprint(a, a)


# Classifying


def test_outputs_are_those_of_one_pass_in_evaluation_mode(monkeypatch):
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5)).train()
    inputs = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float16)
    monkeypatch.setattr(system, "BATCH", 4)
    found = outputs(network, inputs)
    expected = network.eval()(torch.tensor(inputs).float()).detach().numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)


class BrightnessClassifier(nn.Module):
    """Takes a mask of brightness c / 255 everywhere for class c."""

    def __init__(self):
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, masks):
        return nn.functional.one_hot((masks.amax(dim=(1, 2, 3)) * 255).round().long(), 10).float()


@pytest.mark.parametrize(
    ("frames", "label"),
    [([3, 5, 5], 5), ([7, 2, 7, 2], 2), ([9], 9), ([0, 0, 4], 4)],
    ids=["majority", "tie", "single", "empty frames do not vote"],
)
def test_frames_vote_for_the_class_of_their_video(matcher, frames, label):
    masks = np.full((2, 35, 60, 60), 8, dtype=np.uint8)  # what comes after the last frame does not vote
    masks[0, : len(frames)] = np.array(frames)[:, None, None]
    matcher.frame_classifier = BrightnessClassifier()
    videos = VideoFeatures(np.zeros((2, 70)), masks, np.array([len(frames), 1]))
    assert matcher.classify_videos(videos).tolist() == [label, 8]


# Matching


def test_each_clip_is_embedded_once_in_each_of_the_eight_symmetries(matcher, group):
    passes = {}
    for label, towers in matcher.towers.items():
        for side in ("audio", "video"):
            getattr(towers, side).register_forward_hook(
                lambda _, inputs, __, key=(label, side): passes.setdefault(key, []).append(len(inputs[0]))
            )
    with_known_classes(matcher, [0, 1, 0, 0, 1, 0], [0, 0, 1, 1, 1, 0]).match(*group, complete=False)
    clips = {("0", "audio"): 4, ("0", "video"): 3, ("1", "audio"): 2, ("1", "video"): 3}
    assert passes == {tower: [count] * 8 for tower, count in clips.items()}


@pytest.mark.parametrize("vary", [False, True])
def test_distances_are_those_of_the_embeddings_of_the_class(matcher, group, settings, vary):
    """With `vary` the mean over all symmetries of the tray, sound and video turned together."""
    matcher.settings = dataclasses.replace(settings, towers=dataclasses.replace(settings.towers, vary=vary))
    found = with_known_classes(matcher, [0, 1, 0, 2, 1, 2], [2, 0, 1, 0, 0, 1]).match(*group, complete=False)
    block = found.blocks[0]
    assert (block.label, block.rows.tolist(), block.columns.tolist()) == (0, [0, 2], [1, 3, 4])
    towers = matcher.towers["0"].eval()
    sound, way = torch.tensor(group[0][2:3]).float(), torch.tensor(even_vectors(group[1][4:5]))
    looks = SYMMETRIES if vary else [(0, False)]
    expected = np.mean(
        [
            (towers.audio(turn_channels(sound, *s)) - towers.video(turn_vector(way, *s))).norm().item()
            for s in looks
        ]
    )
    assert block.distance[1, 2] == pytest.approx(expected, rel=1e-4)


def test_distances_of_varied_towers_do_not_change_when_the_whole_tray_is_turned(matcher, group):
    places = np.arange(6)
    turned = torch.from_numpy(group[0]).roll(1, dims=1).numpy()
    ways = turn_vector(torch.tensor(group[1].vectors), 1, False).numpy()
    videos = dataclasses.replace(group[1], vectors=ways)
    before = matcher.class_block(0, *group, places, places).distance
    np.testing.assert_allclose(
        matcher.class_block(0, turned, videos, places, places).distance, before, atol=1e-4
    )


def test_matched_sound_and_video_are_of_the_same_class(matcher, group):
    matcher.threshold.fill_(np.inf)
    found = with_known_classes(matcher, [0, 1, 0, 2, 1, 1], [2, 0, 1, 0, 0, 1]).match(*group, complete=False)
    for sound, video in enumerate(found.assignment):
        if video != UNMATCHED:
            assert found.audio_class[sound] == found.video_class[video]
    assert (found.assignment == UNMATCHED).tolist().count(True) == 1, "class 1 has three sounds, two videos"


def test_complete_group_gives_every_sound_a_video_of_its_own(matcher, group):
    found = with_known_classes(matcher, [0, 0, 0, 9, 9, 1], [2, 0, 1, 1, 2, 2]).match(*group, complete=True)
    assert sorted(found.assignment) == [0, 1, 2, 3, 4, 5]


def test_pairs_of_leftovers_are_the_same_every_time(matcher, group):
    with_known_classes(matcher, [0] * 6, [1] * 6)
    first, second = (matcher.match(*group, complete=True).assignment.tolist() for _ in range(2))
    assert first == second != sorted(first)


def test_class_without_towers_is_left_alone(matcher, group):
    found = with_known_classes(matcher, [7] * 6, [7] * 6).match(*group, complete=False)
    assert found.blocks == []
    assert (found.assignment == UNMATCHED).all()


def test_threshold_takes_matches_back_only_where_videos_may_be_missing(matcher, group):
    with_known_classes(matcher, [0, 1, 0, 2, 1, 2], [0, 0, 1, 2, 2, 1])
    matcher.threshold.fill_(np.inf)
    everything = matcher.match(*group, complete=False)
    assert (everything.assignment != UNMATCHED).all()
    matcher.threshold.fill_(np.sort(everything.distance)[2])
    some = matcher.match(*group, complete=False)
    assert (some.assignment != UNMATCHED).sum() == 3
    assert (matcher.match(*group, complete=True).assignment == everything.assignment).all()


def test_answers_carry_file_names_and_video_numbers():
    sounds = [Clip(name, Path(name), None) for name in ("audio_0000.pkl", "odd name.flac", "audio_7.wav")]
    videos = [Clip(name, None, Path(name)) for name in ("video_0023", "video_0004")]
    found = Matching(None, None, [], np.array([1, UNMATCHED, 0]), None)
    assert found.answers(sounds, videos) == {"audio_0000.pkl": 4, "odd name.flac": -1, "audio_7.wav": 23}


@pytest.mark.parametrize("name", ["video", "video_", "video_last", "video_-3"])
def test_video_without_a_number_is_named(name):
    with pytest.raises(ClipError, match=rf"group/{name}: has no number"):
        system.video_number(Clip(name, None, Path("group") / name))


# The tasks


def test_task1_answers_every_sound_with_a_class(click_data, click_models):
    answers = system.test_task1(str(click_data / "dataset" / "task1" / "test"), click_models)
    truth = read_truth(click_data, "task1")
    assert list(answers) == list(truth)
    assert {type(value) for value in answers.values()} == {int}
    assert sum(answers[name] == truth[name] for name in truth) >= 4, "chance is 2 of 6"


def test_task2_answers_every_sound_with_another_video(click_data, click_models):
    answers = system.test_task2(click_data / "dataset" / "task2" / "test" / "0", click_models)
    assert list(answers) == [f"audio_{i:04d}.pkl" for i in range(6)]
    assert sorted(answers.values()) == list(range(6))
    assert {type(value) for value in answers.values()} == {int}


def test_task3_uses_no_video_twice(click_data, click_models):
    answers = system.test_task3(click_data / "dataset" / "task3" / "test" / "0", click_models)
    assert list(answers) == [f"audio_{i:04d}.flac" for i in range(6)]
    used = [value for value in answers.values() if value != -1]
    assert len(set(used)) == len(used)
    assert set(used) <= set(range(6))


@pytest.mark.parametrize("task", [system.test_task1, system.test_task2, system.test_task3])
def test_missing_folder_is_one_sentence(task, click_models, tmp_path):
    with pytest.raises(ClipError, match="nowhere does not exist"):
        task(tmp_path / "nowhere", click_models)


def test_group_without_videos_is_one_sentence(click_data, click_models):
    with pytest.raises(ClipError, match="holds no video"):
        system.test_task2(click_data / "dataset" / "task1" / "test", click_models)


# Evaluation


def test_scores_are_those_of_the_answers(matcher, click_data):
    scores = {(s.task, s.group): s for s in system.evaluate(matcher, click_data, progress=False)}
    assert set(scores) == {
        ("task1", "all"),
        ("task2", "0"),
        ("task2", "all"),
        ("task3", "0"),
        ("task3", "all"),
    }
    for task, complete in (("task2", True), ("task3", False)):
        folder = click_data / "dataset" / task / "test" / "0"
        answers = system.match_folder(matcher, folder, complete=complete, progress=False)[1]
        truth = read_truth(click_data, task)["0"]["matches"]
        share = np.mean([answers[name] == truth[name] for name in truth])
        score = scores[task, "0"]
        assert (score.sounds, score.accuracy) == (6, pytest.approx(share))
        assert score.low <= share <= score.high
    assert scores["task1", "all"].chance == 0.1
    assert scores["task2", "all"].chance == pytest.approx(1 / 6)
    assert scores["task3", "all"].chance == pytest.approx(1 / 3)  # -1 for all of 2 in 6


def test_groups_are_scored_apart_and_together(matcher, click_data, monkeypatch):
    """Two groups of task 2: one all right, the other all wrong and half as large."""
    names = [f"audio_{i:04d}.pkl" for i in range(4)]
    truth = {
        group: {
            "matches": {name: i for i, name in enumerate(names[:size])},
            "audio_class": dict.fromkeys(names[:size], 0),
            "video_class": dict.fromkeys(map(str, range(size)), 0),
        }
        for group, size in (("0", 4), ("1", 2))
    }
    monkeypatch.setattr(system, "read_truth", lambda *_: truth)
    answers = {"0": truth["0"]["matches"], "1": {}}
    monkeypatch.setattr(system, "match_folder", lambda _, folder, **__: (None, answers[folder.name]))
    scores = {s.group: s for s in system._evaluate_matching(matcher, click_data, "task2")}
    assert {g: (s.sounds, s.accuracy) for g, s in scores.items()} == {
        "0": (4, 1.0),
        "1": (2, 0.0),
        "all": (6, pytest.approx(2 / 3)),
    }
    assert (scores["all"].low, scores["all"].high) == (0, 1), "two cells, drawn as wholes"
    assert scores["all"].chance == pytest.approx((1 / 4 + 1 / 2) / 2)


def test_data_without_truth_cannot_be_scored(matcher, click_data, tmp_path):
    copy_of_training(click_data, tmp_path)
    with pytest.raises(ClipError, match=r"task1.truth\.json does not exist"):
        system.evaluate(matcher, tmp_path, progress=False)
