"""Who talks in a benchmark, and the fan-out without storage that is compared with ours."""
