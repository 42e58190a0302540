"""Reports of a run, all made from its record, the same for one worker and many."""
