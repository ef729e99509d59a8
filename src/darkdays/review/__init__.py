"""What is done with a published report: check it, compare it, measure it, hand it on."""
