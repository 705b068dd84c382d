"""Settings, their validators and the files they are read from."""
