"""The lines of the interpretations against the study's own calibration, from its curves."""

import numpy as np
import pytest

from softcage.interpretations import questions
from softcage.model import Mixture
from softcage.tables import select


def test_lines_of_the_form_of_the_paper_are_the_calibration(results):
    config, T = results.config, results.temperatures
    structure = config["structure"]
    own = {name: structure[name] for name in ("q_max", "route")}
    asked = questions.questions(
        **own,
        **{name: config["softness"][name] for name in ("delta", "delta_values")},
        **{
            name: config["interpretations"][name] for name in ("average_windows", "inherent_frames")
        },
        q_max_alternatives=structure["q_max_alternatives"],
        windows=[results.window],
        p_c=config["dynamics"]["p_c"],
    )
    curves = {t: dict(np.load(results.folder / f"cage/T{t:g}.npz")) for t in T}
    cages = select(results.table("calibration/cage.csv"), **own)
    potential = Mixture.from_dict(config["mixture"]).potential
    lines = questions.lines(asked, curves, cages, potential, structure["harmonic_range"])
    known = select(results.table("calibration/calibration.csv"), relation="c")
    for option, of_q in zip(asked["q"], lines[0], strict=True):
        low, high = option.value
        for route, (c0, c1) in zip(("curvature", "harmonic"), of_q[:2], strict=True):
            line = select(known, q_max=high, route=route)
            if low == 0:
                # the errors that weigh the points are those of the study's own way
                close = 1e-5 if (high, route) == tuple(own.values()) else 0.02
                assert c0 == pytest.approx(line["intercept"].iloc[0], rel=close)
                assert c1 == pytest.approx(line["slope"].iloc[0], rel=close)
            elif len(line):  # of the first peak alone: a part of that from 0 on
                assert 0 < c0 < line["intercept"].iloc[0] and line["slope"].iloc[0] < c1 < 0
