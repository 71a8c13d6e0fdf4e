"""The side-by-side benchmark: see bench/README.md."""
