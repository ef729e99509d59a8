"""Tables that notebooks show."""

from darkdays.tables.display import show_to_the_left as show_to_the_left
from darkdays.tables.outages import agreement_table as agreement_table
from darkdays.tables.outages import gap_table as gap_table
from darkdays.tables.outages import list_table as list_table
from darkdays.tables.outages import number_table as number_table
from darkdays.tables.outages import outage_table as outage_table
from darkdays.tables.outages import rival_table as rival_table
from darkdays.tables.outages import short_table as short_table
from darkdays.tables.outages import signal_table as signal_table
from darkdays.tables.outages import stage_table as stage_table
from darkdays.tables.outages import steepest_fall as steepest_fall
from darkdays.tables.outages import verdict_table as verdict_table
from darkdays.tables.rates import choice_table as choice_table
from darkdays.tables.rates import control_table as control_table
from darkdays.tables.rates import rate_table as rate_table
