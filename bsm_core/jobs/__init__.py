"""Long work outside the server: the job-directory contract, the worker, and the runners that start workers."""
