"""How gunicorn serves the service; its own environment variables go before.

https://docs.gunicorn.org/en/stable/settings.html
"""

import os

wsgi_app = "dancecoach.wsgi:application"
bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Threads wait for the database together; each keeps its connection.
worker_class = "gthread"
threads = 8
timeout = 30
# Longer than a proxy's, so that it is not closed under a request.
keepalive = 75
# Requests are logged by the service itself, without paths, queries and addresses.
accesslog = None
errorlog = "-"
# Where heartbeats are written; the rest of the file system may be read-only.
worker_tmp_dir = "/dev/shm"  # noqa: S108 - memory, and gunicorn makes a private file
# Nobody steers it from outside; by default it would want a folder to write to.
control_socket_disable = True
