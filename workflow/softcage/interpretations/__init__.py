"""Results of the study under all interpretations that the text of the paper leaves open."""
