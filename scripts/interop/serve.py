"""The Python end of the line to a Node program: one JSON object a line, an answer for each request.

The first line says {"ready": {name: version, ...}}, or {"error": "..."} when something cannot be imported.
"""

import importlib.metadata
import json
import os
import sys
import traceback


def last_line(error):
    return traceback.format_exception_only(type(error), error)[-1].strip()


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown version"


def serve(prepare):
    """Answers requests until the other end closes.

    `prepare` imports what is needed and gives a function from a request to its answer, both dictionaries.
    """
    # What libraries print must not get between the answers.
    line = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(answer):
        line.write(json.dumps(answer) + "\n")
        line.flush()

    try:
        answer = prepare()
        versions = {"python": sys.version.split()[0]}
        versions.update({package: version(package) for package in ("torch", "plenoptic")})
    except Exception as error:  # a library can fail to load in many ways
        send({"error": last_line(error)})
        return
    send({"ready": versions})
    for request in sys.stdin:
        try:
            reply = answer(json.loads(request))
        except Exception as error:
            traceback.print_exc()
            reply = {"error": last_line(error)}
        send(reply)
