"""Where the paper is open to more than one interpretation: what each of them gives."""
