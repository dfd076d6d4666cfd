"""`datamind …`: the command line. Results go to standard output, progress to standard error."""
