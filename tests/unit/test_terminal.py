"""What a person at the terminal sees: progress, why a job failed, sizes."""

import json
import logging
import re
from collections import Counter

import pytest

from softcage.cli.terminal import messages
from softcage.io.log import logged
from softcage.io.progress import Progress
from study import disk
from study.status import progress_of_rules


@pytest.mark.parametrize("timestep", [0.0025, None])
def test_progress_is_beside_the_log_while_the_job_runs(tmp_path, timestep):
    path = tmp_path / "job.log"
    with logged(path):
        assert json.loads(path.with_suffix(".json").read_text()) == {"progress": ""}
        progress = Progress(1000, "frames", timestep, interval=0.0)
        progress.update(0, "uniform frames")
        progress.update(257, "uniform frames")
        said = json.loads(path.with_suffix(".json").read_text())["progress"]
    assert said.startswith("uniform frames, 26 %, ") and said.endswith(" to go")
    assert ("t = " in said) == (timestep is not None)
    assert not path.with_suffix(".json").exists()


def test_the_log_of_long_work_stays_short(tmp_path):
    path = tmp_path / "job.log"
    with logged(path):
        progress = Progress(1000, "steps", 0.0025, interval=0.0)
        for step in range(1001):
            progress.update(step, "produce")
    lines = [line for line in path.read_text().splitlines() if "produce, " in line]
    assert [int(re.search(r"(\d+) %", line)[1]) for line in lines] == list(range(10, 101, 10))


def test_a_failed_job_says_why(tmp_path, capsys):
    path = tmp_path / "job.log"
    with pytest.raises(SystemExit), logged(path) as log:
        log.info("working")
        raise ValueError("g has no minimum")
    reason = "ValueError: g has no minimum"
    assert json.loads(path.with_suffix(".json").read_text()) == {"failed": reason}
    assert path.read_text().splitlines()[-1] == reason
    assert capsys.readouterr().err == f"{reason} (log: {path})\n"
    with logged(path):  # the next attempt
        pass
    assert not path.with_suffix(".json").exists()


def test_a_log_has_no_lines_of_others(tmp_path):
    with logged(tmp_path / "first.log"):
        pass
    logging.getLogger("softcage").info("later")
    assert "later" not in (tmp_path / "first.log").read_text()


def work():
    """What a module of the library logs on the way."""
    log = logging.getLogger("softcage.cage.somewhere")
    log.info("%d frames", 7)
    progress = Progress(20, "frames", interval=0.0)
    progress.update(0, "reading")
    progress.update(5, "reading")
    log.debug("a detail")
    log.warning("the last frame is left out")


def test_the_command_shows_what_the_library_logs(capsys):
    with messages(quiet=False):
        work()
    work()  # nobody listens any more
    assert capsys.readouterr().err == "7 frames\nnote: the last frame is left out\n"


def test_a_quiet_command_shows_nothing(capsys):
    with messages(quiet=True):
        work()
    assert capsys.readouterr().err == ""


def test_at_a_terminal_one_line_shows_the_progress(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with messages(quiet=False):
        work()
    first, live, last = re.split(r"(?<=[\n\r])(?!\x1b)", capsys.readouterr().err, maxsplit=2)
    assert first == "7 frames\n"
    assert re.fullmatch(r"reading, 0 %, .*\x1b\[K\r", live)
    assert re.fullmatch(
        r"reading, 25 %, \d+ frames/s, 0:00 to go\x1b\[K\r"
        r"\x1b\[Knote: the last frame is left out\n",
        last,
    )


def test_progress_without_an_end_is_a_number(tmp_path):
    path = tmp_path / "job.log"
    with logged(path):
        progress = Progress(None, "frames", interval=0.0)
        progress.update(1, "reading")
        progress.update(64, "reading")
        said = json.loads(path.with_suffix(".json").read_text())["progress"]
    assert re.fullmatch(r"reading, 64 frames, \d+ frames/s", said)


def test_what_is_for_a_terminal_is_not_written_to_disk(tmp_path):
    """A job says how far it is every ten seconds, not five times in each of them."""
    path = tmp_path / "job.log"
    with logged(path):
        progress = Progress(10, "frames", interval=1000.0)
        progress.last_live = 0.0
        progress.update(5, "reading")
        assert json.loads(path.with_suffix(".json").read_text()) == {"progress": ""}


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (999, "999 B"), (48_000, "48 kB"), (3.42e9, "3.42 GB")]
)
def test_sizes_have_three_digits_and_a_unit(size, words):
    assert disk.in_words(size) == words


def test_the_figures_are_one_line_of_the_status():
    total = Counter({"fig01": 1, "figS1": 1, "simulate": 3})
    left = Counter({"figS1": 1, "simulate": 3})
    assert progress_of_rules(left, total) == {"figures": (1, 2), "simulate": (0, 3)}
