"""Runs one emulator on a free loopback port: `launch.py moto|ministack`.

Prints `port N` once the socket listens. Lives exactly as long as its standard input is open, so that it ends with its
parent however that ends (kill -9 too), and takes its process group and its scratch folder with it. The line `keep` on
standard input lets it go on without a parent, until SIGTERM.
"""

import asyncio
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading


def listen() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    return listener


def end(scratch: str) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def watch_parent(scratch: str) -> None:
    for line in sys.stdin:
        if line.strip() == "keep":
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            return
    end(scratch)


def run_moto(listener: socket.socket) -> None:
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_PORT"] = str(listener.getsockname()[1])
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from moto_additions import with_additions
    from moto_answers import answer_what_moto_does_not_know
    from moto_atomic import one_write_at_a_time
    from moto_corrections import correct_moto
    from moto_memory import remember
    from werkzeug.serving import WSGIRequestHandler, make_server

    remember()
    correct_moto()
    application = one_write_at_a_time(DomainDispatcherApplication(with_additions(create_backend_app)))

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"
        # A response is written in several small pieces: without this the second waits for the first one's acknowledgement.
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """One line per request would cost more than most requests."""

    server = make_server(
        "127.0.0.1",
        listener.getsockname()[1],
        answer_what_moto_does_not_know(application),
        threaded=True,
        request_handler=Handler,
        fd=listener.fileno(),
    )
    server.serve_forever()


def run_ministack(listener: socket.socket, scratch: str) -> None:
    os.environ.update(
        GATEWAY_PORT=str(listener.getsockname()[1]),
        BIND_HOST="127.0.0.1",
        MINISTACK_HOST="127.0.0.1",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LAMBDA_EXECUTOR="local",
        # moto's account: an estate spread over both is one account's.
        MINISTACK_ACCOUNT_ID="123456789012",
        LAMBDA_STATE_TRANSITION_SECONDS="0",
        PERSIST_STATE="0",
        S3_PERSIST="0",
        STATE_DIR=os.path.join(scratch, "state"),
        S3_DATA_DIR=os.path.join(scratch, "s3"),
        LOG_LEVEL="WARNING",
    )
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app
    from ministack_versions import list_all_versions, serve_code_by_version

    serve_code_by_version()
    list_all_versions()

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(serve(app, config))


def main() -> None:
    # Nothing of the caller's AWS settings may reach an emulator or what it runs.
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_", "LOCALSTACK_"))]:
        del os.environ[name]
    scratch = tempfile.mkdtemp(prefix="holdfast-emulator-")
    tempfile.tempdir = os.environ["TMPDIR"] = scratch
    signal.signal(signal.SIGTERM, lambda *_: end(scratch))
    # Ctrl-C in a terminal is for the parent, which then ends this process in its own order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch_parent, args=(scratch,), daemon=True).start()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    listener = listen()
    print(f"port {listener.getsockname()[1]}", flush=True)
    try:
        if sys.argv[1] == "moto":
            run_moto(listener)
        elif sys.argv[1] == "ministack":
            run_ministack(listener, scratch)
        else:
            sys.exit(f"no emulator is called {sys.argv[1]}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


main()
