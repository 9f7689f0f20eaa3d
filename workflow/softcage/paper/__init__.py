"""What is this article's and not the field's: claims, verdicts, interpretations."""
