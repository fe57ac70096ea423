"""The parts of the page, one file each: from a run to figures, with messages computed from the data."""
