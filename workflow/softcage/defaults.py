"""Default values, shared by the functions, the command and the study.

They are in reduced Lennard-Jones units.
"""

from typing import Literal

# the learned predictors that are linear
REGRESSIONS = ("ridge_cage", "ridge_pairs", "ridge_named", "ridge_static", "ridge_mechanics")
REGRESSION = "ridge_mechanics"  # where only one is used

R_BIN = 0.005  # width of a bin of g(r)
Q_BIN = 0.1  # width of a shell of wave vectors
Q_VECTORS = 60  # largest number of vectors in a shell
Q_MAX = 20.0  # upper limit of the integrals of Eqs. 3 and 4
Q_MATCH = (10.0, 14.0)  # S(q) from lattice vectors below, from g(r) above, blended between
ROUTE: Literal["curvature", "harmonic"] = "curvature"  # how to compute 1/S_av
CLOSURE: Literal["hnc", "pair"] = "hnc"  # how C(r) follows from g(r), and the weights of the pairs
HARMONIC_RANGE = 0.05  # range of the parabola in the route "harmonic"
CORE_THRESHOLD = 1e-3  # g below this counts as zero
PSEUDO_SPECIES = 6  # pseudo-species of a polydisperse liquid
STRUCTURE_FRAMES = 200  # frames for g(r) and S(q)
DELTA = 0.09  # width of the Gaussian that replaces a neighbour
DELTA_VALUES = (0.02, 0.04, 0.09, 0.12)  # all widths that are computed
AVERAGE_WINDOW = 7.5  # time over which positions are averaged
LENGTHS = (1.5,)  # L of averages over A particles, weighted with exp(-r/L)
OVERLAP_RADIUS = 0.3
SCATTERING_Q = 7.2  # of F_s(q, t): the first peak of S_AA(q) of the Kob-Andersen mixture
HOP_WINDOW = 15.0
BLOCKS = 8  # time blocks of a run, for errors
BLOCK_RELAXATION_TIMES = 2.0  # least length of a block, tau_alpha
RESAMPLES = 200  # of the bootstrap over blocks
MINIMUM_HOPS = 10  # bins with fewer rearranging particles are left out of fits and of P_R(S)
CAGE_DISPLACEMENT = 0.5  # a particle that stayed within this is still in its cage
SOFTNESS_GROUPS = 5  # of initial softness, for <S(t)>
FEWEST_PARTICLES = 10  # of a species, for its g(r)
LEAST_DRAWS = 8  # runs from a configuration: with fewer the propensity is mostly noise
