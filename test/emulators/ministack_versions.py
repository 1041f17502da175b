"""Ours, not MiniStack's: the code address of a published Lambda version serves that version's code.

MiniStack 1.4.21 keeps each version's code, and announces its hash, but its address for the download names the function
only and serves the code of $LATEST.
"""

import json

from ministack.services import lambda_svc


def serve_code_by_version() -> None:
    get_function = lambda_svc._get_function
    serve_function_code = lambda_svc.serve_function_code

    def get_with_version(name, qualifier=None):
        status, headers, body = get_function(name, qualifier)
        version = json.loads(body).get("Configuration", {}).get("Version", "$LATEST")
        if version != "$LATEST":
            body = body.replace(f"/{name}?X-Amz-".encode(), f"/{name}:{version}?X-Amz-".encode())
        return status, headers, body

    def serve_version(func_name, account_id=None, region=None):
        name, _, version = func_name.partition(":")
        function = lambda_svc._functions.get_scoped(account_id, region, name) if version else None
        if function and version in function["versions"]:
            return 200, {"Content-Type": "application/zip"}, function["versions"][version]["code_zip"]
        return serve_function_code(func_name, account_id, region)

    lambda_svc._get_function = get_with_version
    lambda_svc.serve_function_code = serve_version
