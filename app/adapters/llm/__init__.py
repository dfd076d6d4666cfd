"""Language models, a file a vendor, and a file for each thing that keeps a vendor's faults from whoever asked."""
