"""What a user would pick instead of Strata. Runs in an environment of its own, without anything of ours."""
