"""Side-by-side measurements: everything that is compared runs in one process run, on one machine, in turn."""
