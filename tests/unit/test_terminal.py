"""What a person at the terminal sees: progress lines, the calm logger, sizes."""

import io
import logging
import re
from types import SimpleNamespace

import pytest

import cleaning
import records
import status
from snakemake_logger_plugin_calm import LogHandler
from softcage.io.log import ended, failed, logged
from softcage.io.progress import Progress, latest, tail

SIMULATION = "T = 0.47 r0: equilibrate, 3 %, t = 549 of 16275, 2424 steps/s, 43:15 to go"


# ---------------------------------------------------------------- logs
def test_the_last_progress_of_a_log_is_found(tmp_path):
    path = tmp_path / "r0.log"
    path.write_text(
        f"2026-01-01 10:00:00 {SIMULATION.replace('3 %', '2 %')}\n"
        f"2026-01-01 10:00:10 {SIMULATION}\n2026-01-01 10:00:11 checkpoint\n"
    )
    assert latest(path) == SIMULATION.partition(": ")[2]
    path.write_text("2026-01-01 10:00:00 24 of 121 frames\n")
    assert latest(path) == latest(tmp_path / "absent") == ""


@pytest.mark.parametrize("timestep", [0.0025, None])
def test_what_progress_writes_is_what_is_read(tmp_path, timestep):
    path = tmp_path / "job.log"
    with logged(path) as log:
        progress = Progress("T = 0.5 r1", 1000, timestep, log, interval=0.0, unit="frames")
        progress.update(0, "uniform frames")
        progress.update(250, "uniform frames")
    assert latest(path).startswith("uniform frames, 25 %, ")
    assert ("t = " in latest(path)) == (timestep is not None)
    assert latest(path).endswith(" to go")


def test_the_tail_of_a_long_log_has_whole_lines(tmp_path):
    path = tmp_path / "long.log"
    path.write_text("".join(f"line {n}\n" for n in range(10_000)))
    lines = tail(path, 100).splitlines()
    assert lines[-1] == "line 9999"
    assert all(re.fullmatch(r"line \d{4}", line) for line in lines)


def test_a_log_tells_how_its_job_ended(tmp_path, capsys):
    with logged(tmp_path / "good.log") as log:
        log.info("working")
        assert not ended(tail(tmp_path / "good.log"))
    with pytest.raises(SystemExit), logged(tmp_path / "bad.log"):
        raise ValueError("g has no minimum")
    good, bad = tail(tmp_path / "good.log"), tail(tmp_path / "bad.log")
    assert ended(good) and not failed(good)
    assert failed(bad) and not ended(bad)
    assert "ValueError: g has no minimum" in capsys.readouterr().err


# ---------------------------------------------------------------- the calm logger
class Terminal(io.StringIO):
    """A stream that says that it is a terminal, and what would stand on it."""

    def isatty(self):
        return True

    def screen(self):
        rows, y, x = [""], 0, 0
        for token in re.findall(r"\x1b\[\d*[A-Z]|\r|\n|[^\x1b\r\n]+", self.getvalue()):
            if token == "\r":
                x = 0
            elif token == "\n":
                x, y = 0, y + 1
                rows += [""] * (y == len(rows))
            elif token.endswith("J") and token[0] == "\x1b":
                rows = [*rows[:y], rows[y][:x]]
            elif token.endswith("A") and token[0] == "\x1b":
                y -= int(token[2:-1] or 1)
            else:
                rows[y] = rows[y][:x] + token + rows[y][x + len(token) :]
                x += len(token)
        return [row for row in rows if row]


def handler(monkeypatch, stream):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", stream)
    made = LogHandler(SimpleNamespace(dryrun=False), None)
    monkeypatch.undo()
    return made


def event(name, level=logging.INFO, text="", **fields):
    record = logging.makeLogRecord({"levelno": level, "msg": text, "event": name})
    vars(record).update(fields)
    return record


def job(number, rule, log, **wildcards):
    return event("job_info", jobid=number, rule_name=rule, wildcards=wildcards, log=[str(log)])


def test_a_terminal_shows_what_runs_and_keeps_what_jobs_print(monkeypatch, tmp_path):
    (tmp_path / "r0.log").write_text(f"2026-01-01 10:00:10 {SIMULATION}\n")
    stream = Terminal()
    calm = handler(monkeypatch, stream)
    calm.emit(event("run_info", stats={"simulate": 2, "fig01": 1, "total": 3}))
    calm.emit(job(1, "simulate", tmp_path / "r0.log", T="0.47", replica="0"))
    calm._draw()
    stream.write("a job says something\n")
    calm._draw()
    assert stream.screen()[:3] == [
        "3 jobs to do",
        "a job says something",
        "0 of 3 jobs done, 0:00",
    ]
    assert "equilibrate, 3 %, t = 549" in stream.screen()[3]
    calm.emit(event("job_finished", job_id=1))
    calm.emit(job(2, "simulate", tmp_path / "r1.log", T="0.47", replica="1"))
    calm.emit(event("job_finished", job_id=2))
    calm.close()
    screen = stream.screen()
    assert screen[:2] == ["3 jobs to do", "a job says something"]
    assert len(screen) == 3 and re.match(r"simulate +2 jobs", screen[2])


def test_a_failure_is_said_with_its_reason_and_the_end_of_its_log(monkeypatch, tmp_path):
    path = tmp_path / "T0.6.log"
    with pytest.raises(SystemExit), logged(path) as log:
        for n in range(100):
            log.info("line %d", n)
        raise ValueError("g has no minimum")
    stream = io.StringIO()
    calm = handler(monkeypatch, stream)
    calm.emit(event("run_info", stats={"cage": 3, "total": 3}))
    calm.emit(job(7, "cage", path, T="0.6"))
    calm.emit(event("error", logging.ERROR, "RuleException:\nCalledProcessError in file ..."))
    calm.emit(event("job_error", logging.ERROR, jobid=7, rule_name="cage", log=[str(path)]))
    calm.emit(event(None, logging.ERROR, "Exiting because a job execution failed. Look above"))
    calm.emit(event(None, logging.INFO, "Select jobs to execute..."))
    calm.close()
    lines = stream.getvalue().splitlines()
    assert "FAILED  cage T=0.6: ValueError: g has no minimum" in lines
    assert f"  the end of {path}:" in lines
    assert not [line for line in lines if "line 50" in line or "RuleException" in line]
    assert "Not finished: 0 of 3 jobs done, 0:00, 1 failed." in lines
    assert len(lines) < 20
    assert "\x1b" not in stream.getvalue()


def test_what_is_no_job_is_said(monkeypatch):
    stream = io.StringIO()
    calm = handler(monkeypatch, stream)
    calm.emit(event("error", logging.ERROR, "WorkflowError:\nThe configuration was refused:\nx"))
    calm.emit(event(None, logging.WARNING, "a warning"))
    calm.emit(event(None, logging.INFO, "Nothing to be done (all requested files are there)."))
    calm.close()
    for text in ("The configuration was refused", "a warning", "Nothing to be done"):
        assert text in stream.getvalue()


# ---------------------------------------------------------------- status, cleaning, records
def test_every_rule_is_in_a_stage_of_the_status():
    stages = status.stages()
    assert {"simulate", "compile_kernels", "softness", "fig01", "costs"} <= set(stages)
    assert set(stages.values()) == set(status.STAGES)


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (999, "999 B"), (48_000, "48 kB"), (3.42e9, "3.42 GB")]
)
def test_sizes_are_said_as_people_say_them(size, words):
    assert cleaning.shown(size) == words


@pytest.mark.parametrize("length", [10, 100, 180, 400, 1000])
def test_a_record_is_found_by_its_output(length):
    output = "results/" + "x" * length
    assert records._output_of(records._file_of(output)) == output
    assert all(len(part) <= 255 for part in records._file_of(output).parts)
