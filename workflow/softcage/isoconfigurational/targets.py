"""The quantities that predictors are ranked against, averaged over isoconfigurational runs."""

from softcage.quantities import Quantity

#: Quantities of each particle, averaged over the runs from one configuration.
TARGETS = {
    "propensity": Quantity(
        "mean displacement", r"\langle|\Delta\mathbf{r}|\rangle", "sigma_AA", r"\sigma_\mathrm{AA}"
    ),
    "left": Quantity("1 - overlap", r"1 - q"),
}
