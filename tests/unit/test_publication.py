"""What of a study is published, where, and what is said of the commit that made it."""

import datetime
import json
import subprocess
from pathlib import Path

import pytest

from softcage.io import provenance
from softcage.io.log import logged
from study import commits, crate, publication
from study.__main__ import TASKS, main
from study.graph import Output

RESULTS = Path("results/mine")


def outputs(*parts):
    return [Output(RESULTS / part, "a_rule", None) for part in parts]


def test_frames_particles_and_what_is_outside_are_not_published():
    named = ("SUMMARY.md", "cage/T1.npz", "beyond/T1/scores.csv", "propensity/T1/c0.npz")
    large = ("md/T1/r0/thermo.csv", "softness/T1/d0.09/r0.h5", "hops/T1/r0_events.parquet")
    found = outputs(*named, *large, "propensity/T1/c0/b0.npz", "structure/T1/r0.npz")
    found.append(Output(Path("results/other/SUMMARY.md"), "summary", None))
    published = publication.published_part(RESULTS, found)
    assert sorted(map(str, published)) == sorted(named)


@pytest.mark.parametrize(("name", "folder"), [("ka", "paper"), ("ka_wca", "public/ka_wca")])
def test_the_paper_has_a_folder_of_its_own(name, folder):
    assert publication.place(name) == Path("results") / folder


def test_further_quenches_are_published_with_the_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("quenches/T1/r4.npz", "quenches/T1/r1.npz", "comparison.csv", "notes.csv"):
        (RESULTS / name).parent.mkdir(parents=True, exist_ok=True)
        (RESULTS / name).write_text(name)
    asked = []
    monkeypatch.setattr(publication, "refuse_unless_finished", lambda *of: asked.append(of[2]))
    monkeypatch.setattr(publication, "outputs", lambda *_: outputs("comparison.csv"))
    config = {
        "study": "mine",
        "results": "results",
        "replicas": 4,
        "state_points": [{"T": 1.0}],
        "propensity": {"temperatures": [{"T": 1.0, "configurations": 3}]},
    }
    publication.publish(RESULTS, config, [])
    folder = Path("results/public/mine")
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    # r1 is one of the study's own replicas
    assert files == {"quenches/T1/r4.npz", "comparison.csv", commits.NAME, crate.NAME}
    whole = json.loads((folder / crate.NAME).read_text())["@graph"]
    assert whole[1]["name"] == "softcage: results of the study mine"
    assert asked == [["all", "beyond"]]
    config["propensity"]["temperatures"] = []
    assert publication.targets(config) == ["all"]


def test_the_commit_of_a_table_is_that_of_the_log_of_its_job(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "commit", lambda: ("0123456789abcdef", True))
    log = tmp_path / "job.log"
    with logged(log):
        pass
    assert commits.commit_of(log) == "0123456789ab-dirty"
    log.write_text("2026-01-01 00:00:00 finished after 1.0 s\n")
    assert commits.commit_of(log) == commits.commit_of(None) == "unknown"


def test_the_commit_is_asked_of_git_with_one_call(tmp_path, monkeypatch):
    def git(*words):
        options = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", tmp_path, *options, *words], check=True, capture_output=True)

    monkeypatch.setattr(provenance, "_CODE", tmp_path)
    assert provenance.commit() is None and provenance.short_commit() == "unknown"
    git("init")
    assert provenance.commit() is None  # nothing is committed yet
    (tmp_path / "code.py").touch()
    (tmp_path / "results").mkdir()
    git("add", "code.py")
    git("commit", "-m", "first")
    (tmp_path / "results" / "table.csv").touch()
    head, changed = provenance.commit()
    assert len(head) == 40 and not changed  # results do not count
    assert provenance.short_commit() == head[:12]
    (tmp_path / "new.py").touch()
    assert provenance.short_commit() == f"{head[:12]}-dirty"


def test_every_task_is_explained(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert all(f"{task} {words}" in said for task, words in TASKS.items())


def test_a_wrong_configuration_is_refused_in_words(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(Path(__file__).parents[2])
    overlay = tmp_path / "mine.yaml"
    overlay.write_text("softnes: {delta: 0.1}\n")
    assert main(["check", str(overlay)]) == 1
    assert "softnes is an unknown key; did you mean softness?" in capsys.readouterr().err
    overlay.write_text("study: mine\n")
    assert main(["check", str(overlay)]) == 0
    assert "makes sense" in capsys.readouterr().out
    overlay.write_text("study: [mine\n")
    assert main(["check", str(overlay)]) == 1
    assert str(overlay) in capsys.readouterr().err


def test_the_crate_says_what_commits_csv_says(tmp_path):
    """Each file is there once, with its sum, and there is one action for a rule and a commit."""
    rows = [
        ("fig01.csv", "fig01", "0123456789ab", "aa"),
        ("fig01.png", "fig01", "0123456789ab", "bb"),
        ("cage/T1.npz", "cage", "0123456789ab-dirty", "cc"),
    ]
    crate.write(tmp_path, rows, datetime.date(2026, 1, 2))
    content = json.loads((tmp_path / crate.NAME).read_text())
    assert content["@context"] == "https://w3id.org/ro/crate/1.1/context"
    graph = {entity["@id"]: entity for entity in content["@graph"]}
    assert len(graph) == len(content["@graph"])
    root = graph["./"]
    assert [part["@id"] for part in root["hasPart"]] == [row[0] for row in rows]
    assert root["datePublished"] == "2026-01-02"
    for file, rule, commit, digest in rows:
        assert graph[file]["@type"] == "File" and graph[file]["sha256"] == digest
        action = graph[f"#{rule}-{commit}"]
        assert action["@type"] == "CreateAction" and {"@id": file} in action["result"]
        assert action["description"].endswith(f"rule {rule} of the workflow at the commit {commit}")
        assert graph[action["instrument"]["@id"]]["@type"] == "SoftwareApplication"
    linked = [root["license"], root["conformsTo"], *root["mentions"], *root["hasPart"]]
    assert {link["@id"] for link in linked} <= set(graph)
