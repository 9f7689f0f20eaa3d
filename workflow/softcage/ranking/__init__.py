"""Which structure predicts the dynamics: isoconfigurational propensity, scores, learned rivals."""
