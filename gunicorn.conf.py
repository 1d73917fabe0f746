"""So that `gunicorn app:server` is right with no flags. Command-line flags still win."""

import gc
import os
import sys

from dashapp.errors import InvalidSetting
from dashapp.front.shares import Shares
from dashapp.log_format import logging_config
from dashapp.monitoring.metrics_folder import forget_process, make_folder, remove_folder
from dashapp.settings import Settings

# Two web processes with an OpenMP thread per core each fight for the cores: one-row predictions took up to 1.3 s.
os.environ["OMP_NUM_THREADS"] = "1"

try:
    settings = Settings.from_environment()
except InvalidSetting as error:
    sys.exit(f"dashapp cannot start: {error.message}")

make_folder()

bind = f"{settings.host}:{settings.port}"
worker_class = "dashapp.front.worker.FrontWorker"  # gthread whose threads never wait for slow clients
workers = settings.workers
threads = settings.threads
graceful_timeout = 10
keepalive = 15
control_socket_disable = True
forwarder_headers = ""  # no header of a request may change the path under which it is served
if settings.log_format == "json":
    logconfig_dict = logging_config(["dashapp.api.request_id.WithRequestId"])


def on_starting(server):
    server.shares = Shares()


def pre_fork(server, worker):
    worker.shares = server.shares


def post_worker_init(worker):
    """Start what runs beside the requests; the arbiter is the process that trainers must not outlive."""
    process = worker.app.wsgi().extensions["dashapp"]
    worker.dashapp = process
    process.start(guardian_pid=worker.ppid, is_alive=lambda: worker.alive and os.getppid() == worker.ppid)
    # What is there now stays for good: a collection that goes through all of it takes 40 ms, and a batch of rows sets one off.
    gc.collect()
    gc.freeze()


def worker_exit(server, worker):
    from dashapp.factory import stop

    if hasattr(worker, "dashapp"):
        stop(worker.dashapp)


def child_exit(server, worker):
    server.shares.forget(worker.age)
    forget_process(worker.pid)


def on_exit(server):
    remove_folder()

    from dashapp.application.dispatcher import interrupt_all
    from dashapp.application.services import open_services

    services = open_services(settings, migrate=False)
    interrupt_all(services, "The server was stopped while this was training. Train again to start over.")
    services.close()
