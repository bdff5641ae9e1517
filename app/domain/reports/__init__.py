"""Reports, the lines that stand for each channel, and what all row protocols share."""
