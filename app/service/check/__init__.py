"""What is asked of a pull request: one check a file, each with one signature; `run` walks them."""
