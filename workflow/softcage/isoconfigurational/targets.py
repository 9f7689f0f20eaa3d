"""What is measured of each particle over the runs from one configuration."""

from softcage.quantities import Quantity

#: What is measured of each particle, a mean over runs.
TARGETS = {
    "propensity": Quantity(
        "mean displacement", r"\langle|\Delta\mathbf{r}|\rangle", "sigma_AA", r"\sigma_\mathrm{AA}"
    ),
    "left": Quantity("1 - overlap", r"1 - q"),
}
