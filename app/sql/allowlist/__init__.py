"""Closed lists of what written SQL may contain, per engine: functions, types and syntax nodes. What is not listed is refused."""
