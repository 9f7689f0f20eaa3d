"""Symbol, name and unit of every quantity in the figures, for axes and for CSV headers.

Everything is in reduced Lennard-Jones units: lengths in sigma_AA, energies in epsilon_AA,
temperatures in epsilon_AA / k_B, times in (m sigma_AA^2 / epsilon_AA)^(1/2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_AREA = r"\sigma_\mathrm{AA}^2"
_LENGTH = r"\sigma_\mathrm{AA}"


@dataclass(frozen=True)
class Quantity:
    """One physical quantity.

    Parameters
    ----------
    words : str
        Name in plain words, for CSV headers and, before the symbol, for axes.
    symbol : str
        Mathtext without the dollar signs.
    unit : str, optional
        Plain text, for CSV headers; empty for a pure number.
    axis_unit : str, optional
        Mathtext of the unit on an axis, with a power of ten where ``scale`` has one.
    scale : float, optional
        Axes show the value divided by this; CSV files keep the value itself.
    """

    words: str
    symbol: str
    unit: str = ""
    axis_unit: str = ""
    scale: float = 1.0

    def axis(self, short: bool = False) -> str:
        """Return the label of an axis; ``short`` leaves out the words."""
        label = f"${self.symbol}$" if short else f"{self.words} ${self.symbol}$"
        return f"{label} (${self.axis_unit}$)" if self.axis_unit else label

    def header(self) -> str:
        """Return the plain text of a CSV header."""
        return f"{self.words} ({self.unit})" if self.unit else f"{self.words} (dimensionless)"


# ---------------------------------------------------------------- the cage
SOFTNESS = Quantity("softness", "S", "sigma_AA^2", rf"10^{{-3}}\,{_AREA}", 1e-3)
SOFTNESS_DENSITY = Quantity(
    "distribution", "P(S)", "sigma_AA^-2", r"10^{3}\,\sigma_\mathrm{AA}^{-2}", 1e3
)
PROPAGATOR = Quantity(
    "propagator", "G(S, S_0, t)", "sigma_AA^-2", r"10^{3}\,\sigma_\mathrm{AA}^{-2}", 1e3
)
MEAN_SOFTNESS = Quantity(
    "mean softness", r"\langle S(t)\rangle_{S_0}", "sigma_AA^2", rf"10^{{-3}}\,{_AREA}", 1e-3
)
AVERAGE_SOFTNESS = Quantity(
    "mean-field softness", r"S^\mathrm{av}", "sigma_AA^2", rf"10^{{-3}}\,{_AREA}", 1e-3
)
INVERSE_SOFTNESS = Quantity(
    "inverse softness", r"1/S^\mathrm{av}", "sigma_AA^-2", r"\sigma_\mathrm{AA}^{-2}"
)
DEPTH = Quantity("depth", r"-\beta\Phi_r", "k_B T")
DEPTH_DENSITY = Quantity("distribution", r"P(-\beta\Phi_r)", "1 / (k_B T)")
DEPTH_AVERAGE = Quantity("depth from g(r)", r"-\beta\Phi_r^\mathrm{av}", "k_B T")
DEPTH_WAVE = Quantity("depth from S(q)", r"-\beta\Phi_q^\mathrm{av}", "k_B T")
UPPER_WAVE_NUMBER = Quantity(
    "upper limit", r"q_\mathrm{max}", "1 / sigma_AA", r"\sigma_\mathrm{AA}^{-1}"
)
FIT_RANGE = Quantity("range of the parabola", r"\Delta r_\mathrm{fit}", "sigma_AA", _LENGTH)
SMEARING = Quantity("width of the smearing", r"\delta", "sigma_AA", _LENGTH)
MEAN_LOCAL_SOFTNESS = Quantity(
    "mean softness of particles", r"\langle S\rangle", "sigma_AA^2", rf"10^{{-3}}\,{_AREA}", 1e-3
)
RANK_CORRELATION = Quantity("rank correlation with the default width", r"\rho_\mathrm{rank}")
DEVIATION = Quantity("largest deviation from the line", r"\%", "per cent")

# ---------------------------------------------------------------- structure
DISTANCE = Quantity("distance", "r", "sigma_AA", _LENGTH)
WAVE_NUMBER = Quantity("wave number", "q", "1 / sigma_AA", r"\sigma_\mathrm{AA}^{-1}")

# ---------------------------------------------------------------- dynamics
MEAN_DISPLACEMENT = Quantity(
    "mean displacement", r"\langle|\Delta\mathbf{r}|\rangle", "sigma_AA", _LENGTH
)
TIME = Quantity("time", "t", "(m sigma_AA^2 / epsilon_AA)^(1/2)")
LAG_TIME = Quantity(
    "time",
    "t",
    "(m sigma_AA^2 / epsilon_AA)^(1/2)",
    r"m^{1/2}\,\sigma_\mathrm{AA}\,\epsilon_\mathrm{AA}^{-1/2}",
)
WINDOW = Quantity("hop window", r"\Delta t", "(m sigma_AA^2 / epsilon_AA)^(1/2)")
OVERLAP = Quantity("overlap", "q(t)")
SOFTNESS_OVERLAP = Quantity("overlap", "q(S, t)")
SOFTNESS_CORRELATION = Quantity("correlation", r"C_S(t),\ q(t)")
MSD = Quantity("mean squared displacement", r"\langle\Delta r^2(t)\rangle", "sigma_AA^2", _AREA)
ALPHA_2 = Quantity("non-Gaussian parameter", r"\alpha_2(t)")
SELF_SCATTERING = Quantity("self-intermediate scattering function", r"F_\mathrm{s}(q, t)")
CHI_4 = Quantity("four-point susceptibility", r"\chi_4(t)")
P_HOP = Quantity("hop function", r"p_\mathrm{hop}(t)", "sigma_AA^2", _AREA)
RELAXATION_TIME = Quantity("relaxation time", r"\tau_\alpha", "(m sigma_AA^2 / epsilon_AA)^(1/2)")

# ---------------------------------------------------------------- prediction
FRACTION = Quantity("rearranging fraction", r"P_\mathrm{R}(S)")
DEPTH_FRACTION = Quantity("rearranging fraction", r"P_\mathrm{R}(-\beta\Phi_r)")
BARRIER = Quantity("barrier", r"\Delta E", "epsilon_AA", r"\epsilon_\mathrm{AA}")
REDUCED_BARRIER = Quantity("barrier over temperature", r"\Delta E / T")
COLLAPSE = Quantity("fraction over its prefactor", r"P_\mathrm{R}/P_0")
SHARE = Quantity("share softer than the peak", r"\%", "per cent")
AUC = Quantity("area under the ROC curve", r"\mathrm{AUC}")
LAG = Quantity("when the structure is looked at", r"\mathrm{lag}")
INTERPRETATION = Quantity("interpretation", r"\mathrm{row}")
MISFIT = Quantity("deviation from the paper", r"\%", "per cent")
GIVEN = Quantity("numbers of the paper that an interpretation gives", "n")
INTERPRETATIONS = Quantity("interpretations", "N")
LINE_RATIO = Quantity("c0 / c1 over the depth at its peak", r"c_0 / (c_1 d_\mathrm{peak})")
SHARE_EXCESS = Quantity("share for S less that for the depth", r"\%", "per cent")
ONSET = Quantity("onset temperature", r"T_\times", "epsilon_AA / k_B")

# ---------------------------------------------------------------- beyond the paper
PREDICTOR = Quantity("predictor", r"\mathrm{row}")
CORRELATION = Quantity("Pearson's correlation within a configuration", "|r|")
BOUND = Quantity("largest correlation", "b")
AVERAGING_LENGTH = Quantity("length of the average", "L", "sigma_AA", _LENGTH)
AVERAGE = Quantity("average", r"\mathrm{column}")
PERMUTATION_LOSS = Quantity("loss of the correlation by permutation", r"\Delta r")
SURVIVING = Quantity("share that has not hopped", r"\mathrm{share}")
EVENT_TIME = Quantity(
    "time from the event", r"t - t_\mathrm{hop}", "(m sigma_AA^2 / epsilon_AA)^(1/2)"
)
LEAD_TIME = Quantity(
    "time before the event", r"t_\mathrm{hop} - t", "(m sigma_AA^2 / epsilon_AA)^(1/2)"
)
SOFTNESS_CHANGE = Quantity(
    "change of the softness", r"\Delta S", "sigma_AA^2", rf"10^{{-3}}\,{_AREA}", 1e-3
)
SOFTNESS_RANK = Quantity("rank of the softness after the hop (1: softest)", r"\mathrm{rank}")
HAZARD = Quantity("share that hops within the hop window", r"\mathrm{share}")
HAZARD_RATIO = Quantity("ratio of shares, matched", r"\mathrm{ratio}")
PLACE_X = Quantity("position", "x", "sigma_AA", _LENGTH)
PLACE_Y = Quantity("position", "y", "sigma_AA", _LENGTH)

# ---------------------------------------------------------------- thermodynamics
TEMPERATURE = Quantity("temperature", "T", "epsilon_AA / k_B", r"\epsilon_\mathrm{AA}/k_\mathrm{B}")
INVERSE_TEMPERATURE = Quantity(
    "inverse temperature", "1/T", "k_B / epsilon_AA", r"k_\mathrm{B}/\epsilon_\mathrm{AA}"
)
ENERGY_DIFFERENCE = Quantity(
    "energy minus reference", r"u - u_\mathrm{ref}", "epsilon_AA", r"\epsilon_\mathrm{AA}"
)
ENERGY_DRIFT = Quantity("drift of the energy", r"\Delta u", "epsilon_AA", r"\epsilon_\mathrm{AA}")


def rdf(pair: str) -> Quantity:
    """Return the radial distribution function of a pair, such as ``"AA"``."""
    return Quantity(f"radial distribution {pair}", rf"g_\mathrm{{{pair}}}(r)")


def structure_factor(pair: str) -> Quantity:
    """Return the partial structure factor of a pair, such as ``"AA"`` (Ashcroft-Langreth)."""
    return Quantity(f"structure factor {pair}", rf"S_\mathrm{{{pair}}}(q)")


def structure_factor_error(pair: str) -> Quantity:
    """Return the standard error of the partial structure factor of a pair."""
    return Quantity(
        f"standard error of the structure factor {pair}",
        rf"\mathrm{{error\ of}}\ S_\mathrm{{{pair}}}(q)",
    )


def softness_at(delta: float) -> Quantity:
    """Return the softness for the smearing width ``delta``."""
    return Quantity(
        f"softness at delta = {delta:g}", "S", "sigma_AA^2", rf"10^{{-3}}\,{_AREA}", 1e-3
    )


# Descriptors by their name in tables. If a descriptor is for neighbours of one species, or for one
# width, that follows the name, as in energy_A or depth_0.09.
_DESCRIPTORS = {
    "depth": Quantity("depth", r"-\beta\Phi", "k_B T"),
    "softness": Quantity("softness", "S", "sigma_AA^2"),
    "depth_mean": Quantity("depth, mean C(r)", r"-\beta\Phi^\mathrm{mean}", "k_B T"),
    "depth_pair": Quantity("depth, C = g - 1", r"-\beta\Phi^{g-1}", "k_B T"),
    "term": Quantity("term of the depth", "D", "k_B T"),
    "energy": Quantity("potential energy", "u", "epsilon_AA"),
    "virial": Quantity("virial", "W", "epsilon_AA"),
    "density": Quantity("density", r"\rho_1"),
    "neighbours": Quantity("neighbours", "n"),
    "s2": Quantity("two-body entropy", "s_2", "k_B"),
    "Q6": Quantity("bond order", "Q_6"),
    "Q6_averaged": Quantity("averaged bond order", r"\bar{Q}_6"),
    "voronoi": Quantity("Voronoi volume", "v", "sigma_AA^3"),
    "to_inherent": Quantity("distance to inherent", r"\Delta_\mathrm{IS}", "sigma_AA"),
    "debye_waller": Quantity("Debye-Waller factor", r"\langle u^2\rangle", "sigma_AA^2"),
    "to_mean": Quantity("distance to mean", r"\Delta_\mathrm{mean}", "sigma_AA"),
    "to_cage": Quantity("distance to cage", r"\Delta_\mathrm{cage}", "sigma_AA"),
    "to_cage_squared": Quantity("square distance to cage", r"\Delta_\mathrm{cage}^2", "sigma_AA^2"),
    "cage_spread": Quantity("spread in cage", r"\langle u^2\rangle_\mathrm{cage}", "sigma_AA^2"),
    "shell1": Quantity("sum of g - 1, shell 1", "h_1"),
    "shell2": Quantity("sum of g - 1, shell 2", "h_2"),
    "shell3": Quantity("sum of g - 1, shell 3", "h_3"),
    "laplacian": Quantity("Laplacian", r"\nabla^2 U", "epsilon_AA/sigma_AA^2"),
    "least_stiffness": Quantity("least stiffness", r"k_\mathrm{min}", "epsilon_AA/sigma_AA^2"),
    "rest": Quantity("rest path", r"\Delta_\mathrm{rest}", "sigma_AA"),
    "rest_squared": Quantity("rest path, square", r"\Delta_\mathrm{rest}^2", "sigma_AA^2"),
    "rest_mean": Quantity(
        "rest path, mean position", r"\Delta_\mathrm{rest}^\mathrm{mean}", "sigma_AA"
    ),
    "rest_spread": Quantity("rest path, spread", r"\langle u^2\rangle_\mathrm{rest}", "sigma_AA^2"),
}
# Learned predictors by their name in tables.
_LEARNED = {
    "ridge_cage": "ridge, terms of the cage",
    "ridge_pairs": "ridge, energy and virial",
    "ridge_named": "ridge, eight descriptors",
    "ridge_static": "ridge, structure and cage",
    "ridge_mechanics": "ridge, structure, cage, rest path",
    "boosting_named": "boosting, eight descriptors",
    "svm_softness": "SVM softness",
}


def descriptor_quantity(name: str) -> Quantity:
    """Return words, symbol and unit of a descriptor, such as ``energy_A`` or ``depth_0.09``.

    A number after the name is the width of a Gaussian, or a time on the rest path (``rest_0.1``).

    Raises
    ------
    KeyError
        If no descriptor has this name.
    """
    if name in _DESCRIPTORS:
        return _DESCRIPTORS[name]
    stem, _, suffix = name.rpartition("_")
    base = _DESCRIPTORS[stem]
    if suffix.replace(".", "", 1).isdigit():
        variable = "t" if stem.startswith("rest") else "delta"
        return replace(base, words=f"{base.words}, {variable} = {suffix}")
    symbol = rf"{base.symbol}^\mathrm{{{suffix}}}"
    return replace(base, words=f"{base.words}, {suffix}", symbol=symbol)


def predictor_name(name: str) -> str:
    """Return the name of a descriptor or a learned predictor, in plain text."""
    return _LEARNED.get(name) or descriptor_quantity(name).words


def predictor_words(name: str) -> str:
    """Return :func:`predictor_name` with mathtext, for figures."""
    return typeset(predictor_name(name))


# Plain names in the words of tables. Longer names come first, because they contain shorter ones.
_SYMBOLS = {
    "sqrt(x_u x_v)": r"$\sqrt{x_u x_v}$",
    "x_u x_v": "$x_u x_v$",
    "1/S_av": r"$1/S^\mathrm{av}$",
    "g/x_v": "$g/x_v$",
    "x_v": "$x_v$",
    "q_max": r"$q_\mathrm{max}$",
    "p_hop": r"$p_\mathrm{hop}$",
    "p_c": r"$p_\mathrm{c}$",
    "P_R": r"$P_\mathrm{R}$",
    "delta": r"$\delta$",
    "Dt": r"$\Delta t$",
    " g ": " $g$ ",
}


def typeset(words: str) -> str:
    """Return the words of a table with mathtext in place of the plain names of quantities."""
    return re.sub("|".join(map(re.escape, _SYMBOLS)), lambda name: _SYMBOLS[name[0]], words)
