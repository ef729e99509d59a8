"""M-Lab: Measurement Lab."""
