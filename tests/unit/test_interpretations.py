"""The interpretations of the paper: what is asked, which answers are the study's own, the score."""

import numpy as np
import pandas as pd
import pytest

from softcage.interpretations import combinations, questions
from softcage.interpretations.constraint import constraint
from softcage.interpretations.counts import Counted

T = [0.47, 0.58, 0.80]
KEYS = {
    "delta": 0.09,
    "delta_values": [0.04, 0.09],
    "average_windows": [2.0],
    "inherent_frames": 10,
    "q_max": 20.0,
    "q_max_alternatives": [10, 60],
    "route": "curvature",
    "windows": [15.0, 75.0],
    "p_c": "measured",
}


def asked(**change):
    return questions.questions(**KEYS | change)


@pytest.mark.parametrize("change", [{}, {"p_c": "paper"}, {"route": "harmonic"}, {"delta": 0.04}])
def test_each_question_has_one_answer_of_this_study(change):
    found = asked(**change)
    assert len(found) == questions.N_QUESTIONS
    for options in found.values():
        assert sum(option.default for option in options) == 1
        assert len({option.name for option in options}) == len(options)
    default = questions.default_of(found)
    rows = list(questions.one_at_a_time(found))
    assert len(rows) == sum(map(len, found.values()))
    for question, option, place in rows:
        axis = list(found).index(question)
        assert found[question][place[axis]] is option
        assert (place == default) == option.default


def test_questions_follow_the_configuration():
    names = {q: [o.name for o in some] for q, some in asked().items()}
    assert names["q"] == ["q = 0 to 10", "q = 0 to 20", "q = 0 to 60", "q = 4 to 10"]
    assert names["positions"] == ["single frames", "averaged over 2", "inherent structures"]
    assert len(asked(inherent_frames=0, average_windows=[])["positions"]) == 1
    assert len(asked(q_max=8.0, q_max_alternatives=[])["q"]) == 1  # the first peak ends at 10


def test_a_depth_that_is_the_softness_knows_no_q():
    found = asked()
    single = questions.distinct(found)
    q, route = list(found).index("q"), list(found).index("1/S_av")
    of_depth = single.take(questions.ROUTES.index("depth"), axis=route)
    assert of_depth.sum() == of_depth.size / len(found["q"])
    assert single.sum() == single.size - of_depth.size + of_depth.sum()
    assert of_depth.take(questions.default_of(found)[q], axis=q).all()


def test_words_taken_literally_change_the_threshold():
    np.testing.assert_allclose(
        questions.thresholds(0.25, 0.47, {"0.47": 0.115}), [0.25, 0.115, 0.5, 0.0625]
    )
    assert np.isnan(questions.thresholds(0.25, 0.5, {"0.47": 0.115})[1])
    value, error = questions.claimed_p_c([0.47], [0.25], [0.01], {"0.47": 0.115})
    np.testing.assert_allclose(value[0], [0.25, 0.115, 0.5, 0.25])
    np.testing.assert_allclose(error[0], 0.01)


# ---------------------------------------------------------------- all of them together
CLAIMS = [
    {"id": "p_c", "T": 0.47, "value": 0.115},
    {"id": "tau_alpha", "T": 0.47, "value": 700},
    {"id": "soft_share", "T": 0.47, "value": 0.75},
    {"id": "soft_share", "T": 0.70, "value": 0.65},
    {"id": "soft_share_delta", "T": 0.47, "delta": 0.04, "value": 0.74},
    {"id": "shallow_share", "T": 0.47, "value": 0.62},
    {"id": "onset_softness", "value": 0.801},
    {"id": "barrier_high", "value": 2.9},
    {"id": "softness_high_all", "value": 0.0025},
]
GIVEN = 7  # of those numbers by interpretations: no tau_alpha, no T = 0.70


def study(planted=None, error=0.01):
    """Numbers of all interpretations: far from the paper's, or the paper's own at a planted
    place.
    """
    found, rng = asked(), np.random.default_rng(3)
    shape = tuple(len(some) for some in found.values())
    paper = {
        "share": 0.75, "share_all": 0.4, "shallow": 0.62, "shallow_all": 0.4, "hard": 0.001,
        "soft": 0.0025, "auc": 0.6, "T_cross": 0.801, "T_cross_depth": 0.8, "barrier_low": 1.2,
        "barrier_high": 2.9, "n_bins": 10.0,
    }  # fmt: skip
    measured = {}
    for name, value in paper.items():
        of_T = (len(T),) if name in ("share", "share_all", "shallow", "hard", "soft") else ()
        numbers = value * (1.5 + rng.random((*of_T, *shape)))
        if planted is not None:
            numbers[(..., *planted)] = value
        measured[name] = np.stack([numbers, np.full(numbers.shape, error * value)])
    if planted is not None:
        other = list(planted)
        other[list(found).index("delta")] = 0  # delta = 0.04
        measured["share"][(0, 0, *other)] = 0.74
    p_c = questions.claimed_p_c(T, [0.119, 0.14, 0.17], [0.003] * 3, {"0.47": 0.115})
    return found, measured, combinations.score_interpretations(CLAIMS, found, measured, T, p_c)


PLANTED = (1, 0, 1, 2, 1, 3, 1, 1, 2, 1)


def test_the_interpretation_that_gives_all_numbers_is_found():
    found, measured, score = study(PLANTED)
    assert [c["id"] for c in score.claims].count("soft_share") == 1
    assert len(score.claims) == GIVEN and "tau_alpha" not in [c["id"] for c in score.claims]
    assert score.nearest() == [PLANTED] == [score.richest()] and score.rank(PLANTED) == 1
    assert score.met[PLANTED] == GIVEN
    assert score.distance[PLANTED] < 1
    numbers = combinations.numbers_table(found, score)
    words = " ".join(combinations.verdict_in_words(found, score, numbers))
    assert f"1 of the {score.counted.sum()} interpretations gives all {GIVEN} numbers" in words
    assert "positions: averaged over 2; g: g as in Eq. 8" in words
    table = combinations.best_table(found, score)
    assert len(table) == 21 and table["rank"].tolist()[:20] == list(range(1, 21))
    assert table["default"].tolist() == [""] * 20 + ["default"]
    assert table["soft_share_delta T 0.47 delta 0.04"][0] == pytest.approx(0.74)
    options = combinations.options_table(found, score).set_index(["question", "answer"])
    assert options.loc[("closure", "HNC"), "most given"] == GIVEN
    assert options.loc[("closure", "C = g - 1"), "most given"] < GIVEN
    page = combinations.combinations_page(table, numbers, options.reset_index(), words, "mine")
    assert "Study mine." in page and "q = 4 to 10" in page and "nan" not in page


def test_no_interpretation_gives_all_and_the_words_say_so():
    found, _, score = study()
    numbers = combinations.numbers_table(found, score)
    words = " ".join(combinations.verdict_in_words(found, score, numbers, too_short=[0.47]))
    assert words.startswith("None of the")
    assert "No interpretation gives: " in words and "largest barrier" in words
    assert "too short at T = 0.47" in words
    given = combinations.given_table(score)
    assert given["interpretations"].sum() == score.counted.sum()
    assert (given["given"] * given["interpretations"]).sum() == score.met[score.counted].sum()


def test_a_number_that_could_be_anything_is_not_given():
    _, _, score = study(PLANTED, error=0.5)
    some = [k for k, claim in enumerate(score.claims) if claim["id"] != "p_c"]
    assert score.vague[some].all() and not score.given[some].any()


def test_a_interpretation_without_a_number_counts_as_the_farthest():
    found, measured, _ = study(PLANTED)
    measured["T_cross"][(slice(None), *PLANTED)] = np.nan
    p_c = questions.claimed_p_c(T, [0.119, 0.14, 0.17], [0.003] * 3, {"0.47": 0.115})
    score = combinations.score_interpretations(CLAIMS, found, measured, T, p_c)
    assert score.met[PLANTED] == GIVEN - 1
    assert score.misfit[PLANTED] > 100


def test_without_the_papers_numbers_there_is_nothing_to_score():
    found, measured, _ = study()
    score = combinations.score_interpretations([], found, measured, T, np.zeros((2, 3, 4)))
    numbers = combinations.numbers_table(found, score)
    assert numbers.empty and not score.counted.any()
    assert "no number of the paper" in combinations.verdict_in_words(found, score, numbers)[0]
    best = combinations.best_table(found, score)
    assert len(best) == 1 and best["default"].tolist() == ["default"]
    options = combinations.options_table(found, score)
    assert len(options) == sum(map(len, found.values()))
    assert "paper" in combinations.combinations_page(best, numbers, options, "", "mine")
    assert combinations.given_table(score)["interpretations"].sum() == 0


def test_the_difference_of_two_shares_gives_the_line_that_made_it():
    edges = np.linspace(-40.0, 100.0, 561)
    centers, mean, sd, k = 0.5 * (edges[1:] + edges[:-1]), 28.0, 8.0, 12.0

    def counted(middle):
        return 1e6 * np.exp(-0.5 * ((centers - middle) / sd) ** 2)

    below = np.array([np.append(0.0, np.cumsum(counted(m))) for m in (mean, mean - 2.0)])
    samples = np.broadcast_to(below, (5, 1, 1, 1, 2, len(edges)))
    # d/dx [-(x - mean)^2 / 2 sd^2 + 2 ln(x + k)] = 0
    b, c = k - mean, -(mean * k + 2 * sd**2)
    top = 0.5 * (-b + np.sqrt(b * b - 4 * c))
    share = np.interp([top, mean], edges, below[1]) / below[1, -1]
    curve, (found, error) = constraint(
        Counted(np.array([0.47]), edges, samples), (0, 0, 0), share[0] - share[1]
    )
    assert found == pytest.approx(k, abs=1.0)
    assert error == pytest.approx(0.0, abs=1e-9)
    assert curve["difference"].iloc[0] == 0 and curve["difference"].is_monotonic_increasing


def test_the_page_has_values_with_their_errors():
    found, measured, _ = study()
    table = questions.one_at_a_time_table(found, measured)
    assert len(table) == sum(map(len, found.values()))
    own = table[table["default"] == "default"]
    assert own["share_rearranging"].nunique() == 1
    first = table.iloc[:1].assign(
        share_all=0.414, share_all_error=0.0012, auc=0.6, auc_error=np.nan
    )
    page = questions.one_at_a_time_page(pd.concat([first, table]), "mine", 0.47)
    assert (
        "Study mine. Shares and AUC are those at T = 0.47;" in page
        and "41.4 ± 0.1" in page
        and "0.600" in page
    )
    assert "nan" not in page
