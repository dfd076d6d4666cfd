"""The queue of jobs (`app.ports.Queue`) over Celery."""
