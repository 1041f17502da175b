"""Ours, not moto's: writes to S3 and the other REST services happen one at a time.

moto 5.2.3 serves each request in a thread of its own and looks at If-None-Match and If-Match before it writes, without
a lock: of twelve writers that came at once, three created the same object. S3 lets one of them win. And who reads an
object just when it is replaced may find it closed, which moto answers with status 500: such a reading is done again.
"""

import io
import threading


def one_write_at_a_time(application):
    lock = threading.Lock()

    def read(environ, start_response):
        answer = []
        body = application(dict(environ), lambda *said: answer.append(said))
        if answer[-1][0].startswith("500"):
            with lock:
                return application(environ, start_response)
        start_response(*answer[-1])
        return body

    def serve(environ, start_response):
        # The query and JSON services are called at `/`; some of what they do calls back, which must not wait for itself.
        if environ["PATH_INFO"] == "/":
            return application(environ, start_response)
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return read(environ, start_response)
        # A slow upload must not hold back the others: its body is read before its turn.
        length = environ.get("CONTENT_LENGTH")
        if length:
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(length)))
        elif environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read())
        with lock:
            return application(environ, start_response)

    return serve
