"""The time-stratified case-crossover: strata, conditional inference, ratios."""
