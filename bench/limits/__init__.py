"""The hand-written limits: what a careful person would write for one job, without a library."""
