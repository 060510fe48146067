-- From version 3 to 4: ticket views have a history. What was last read of them is read again.
DROP TABLE snapshots;
