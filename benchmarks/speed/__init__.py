"""The same models trained by Strata's worker and by what a user would pick instead."""
