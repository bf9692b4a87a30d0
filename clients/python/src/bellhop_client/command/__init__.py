"""The command `bellhop`: what a person does with jobs, schedules and queues, and a script, too."""
