"""The figures of a report: each with alt text and a table of the very numbers it draws."""

from darkdays.figures.claims.associations import of_verdicts as of_verdicts
from darkdays.figures.key import source_line as source_line
from darkdays.figures.key import sourced as sourced
from darkdays.figures.labels.lists import of_lists as of_lists
from darkdays.figures.outages.comparisons import comparisons as comparisons
from darkdays.figures.outages.onsets import onset_times as onset_times
from darkdays.figures.outages.recovery import recovery as recovery
from darkdays.figures.outages.timeline import overview as overview
from darkdays.figures.outages.timeline import timeline as timeline
from darkdays.figures.plot import Plot as Plot
from darkdays.figures.plot import stamped as stamped
from darkdays.figures.records.blocking import blocking_states as blocking_states
from darkdays.figures.records.measurements import measurement_counts as measurement_counts
from darkdays.figures.records.providers import address_shares as address_shares
from darkdays.figures.records.speeds import speed_quantiles as speed_quantiles
from darkdays.figures.records.speeds import speed_records as speed_records
