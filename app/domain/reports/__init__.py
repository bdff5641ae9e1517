"""Reports, the current lines of each channel, and the rules that all row protocols share."""
